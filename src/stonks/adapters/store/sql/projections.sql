-- name: past
-- A ticker's newest momentum before an instant, with its norms, and the days until its next known results; by primary keys.
SELECT before.as_of, before.momentum, before.acceleration, before.momentum_norm, before.acceleration_norm,
       earnings.days AS earnings_in_days
FROM (
    SELECT min(day) - (:now AT TIME ZONE 'America/New_York')::date AS days
    FROM calendar_events
    WHERE type = 'earnings' AND ticker = :ticker AND known_at <= :now
      AND day + (coalesce(at, '') = 'amc')::integer > (:now AT TIME ZONE 'America/New_York')::date
) AS earnings
LEFT JOIN LATERAL (
    SELECT * FROM momentum_history WHERE ticker = :ticker AND as_of < :now ORDER BY as_of DESC LIMIT 1
) AS before ON true;

-- name: errors
-- How far off projections are by what is known before a day, by primary key; no rows before the day's first reckoning.
SELECT window_name AS "window", horizon, third, radius, coverage FROM projection_errors
WHERE day = :day ORDER BY window_name, horizon, third;

-- name: reckon
-- Keep how far off the projections of some days before a day were, once: the split-conformal radius, the residual of rank
-- (n + 1) x level, and the share that their intervals covered; by projection_outcomes_settled.
INSERT INTO projection_errors (day, window_name, horizon, third, outcomes, radius, coverage)
SELECT :day, cell.window_name, cell.horizon, cell.third, count(settled.residual),
       CASE WHEN count(settled.residual) >= :fewest THEN
           (array_agg(abs(settled.residual) ORDER BY abs(settled.residual)))[
               ceil((count(settled.residual) + 1) * :level::float8 - 1e-9)::integer]
       END,
       avg(settled.covered::integer)
FROM (
    SELECT * FROM unnest(:windows::text[]) AS window_name, unnest(:horizons::interval[]) AS horizon,
                  generate_series(0, 2) AS third
) AS cell
LEFT JOIN projection_outcomes AS settled
    ON settled.window_name = cell.window_name AND settled.horizon = cell.horizon AND settled.third = cell.third
    AND settled.settled_at >= :since AND settled.settled_at < :before
GROUP BY cell.window_name, cell.horizon, cell.third
ORDER BY cell.window_name, cell.horizon, cell.third
ON CONFLICT DO NOTHING;

-- name: settle
-- Keep by how much the projections were off that were made for this very instant; by the unique key of trend_history.
INSERT INTO projection_outcomes (trend_id, horizon, window_name, third, residual, covered, settled_at)
SELECT made.trend_id, made.horizon, actual.window_name, width_bucket(abs(past.score), :bounds::float8[]),
       actual.score - made.value, actual.score BETWEEN made.low AND made.high, :now
FROM trend_history AS actual
JOIN trend_history AS past ON past.ticker = actual.ticker AND past.window_name = actual.window_name
JOIN trend_projections AS made ON made.trend_id = past.id AND made.horizon = actual.as_of - past.as_of
WHERE actual.ticker = :ticker AND actual.as_of = :now AND past.as_of = ANY(:made_at::timestamptz[])
ON CONFLICT (trend_id, horizon) DO UPDATE SET residual = EXCLUDED.residual, covered = EXCLUDED.covered;

-- name: keep_momentum
-- Keep a ticker's momentum at an instant against its own past; by primary key.
INSERT INTO momentum_history SELECT * FROM jsonb_populate_record(NULL::momentum_history, :momentum)
ON CONFLICT (ticker, as_of) DO UPDATE SET
    momentum = EXCLUDED.momentum, acceleration = EXCLUDED.acceleration, momentum_z = EXCLUDED.momentum_z,
    acceleration_z = EXCLUDED.acceleration_z, momentum_norm = EXCLUDED.momentum_norm,
    acceleration_norm = EXCLUDED.acceleration_norm;
