-- name: situation
-- A trend that is still its window's newest, with all that is known of its market at an instant; no row for an older one.
-- Its row of trend_windows is locked, so that two deliveries decide one after the other. By primary
-- keys, bars_pkey and weights_versions_activated.
SELECT to_jsonb(trend) || jsonb_build_object('window', trend.window_name) AS trend, companies.name AS company,
       voices.voices, coalesce(bars.closes, '{}') AS closes, coalesce(bars.closed_at, '{}') AS closed_at,
       bars.price, traded.dollar_volume, coalesce(positions.quantity, 0) AS held,
       earnings.days AS earnings_in_days, before.acted_at, before.bought_at, before.sold_at,
       learned.body -> 'models' -> trend.window_name AS model, coalesce(learned.version, 'prior-1') AS model_version,
       (
           SELECT jsonb_build_object('observed', observed, 'limit', limit_) FROM breakers
           WHERE scope = 'signals' AND kind = 'LLM_QUALITY' AND state <> 'closed'
       ) AS model_flaw
FROM trend_history AS trend
JOIN trend_windows AS newest ON newest.trend_id = trend.id
JOIN companies ON companies.ticker = trend.ticker
LEFT JOIN positions ON positions.account = :account AND positions.ticker = trend.ticker
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'signal_id', signals.id, 'publisher', coalesce(documents.publisher, signals.source),
        'event_type', signals.event_type, 'known_at', signals.known_at, 'quality', signals.quality,
        'verified_ratio', read.verified_ratio) ORDER BY signals.id), '[]') AS voices
    FROM jsonb_array_elements(trend.drivers) AS driver
    JOIN signals ON signals.id = (driver ->> 'signal_id')::uuid
    LEFT JOIN documents ON documents.id = signals.document_id
    LEFT JOIN document_intelligence AS read
        ON read.document_id = signals.document_id AND read.extractor_version = signals.extractor_version
) AS voices
CROSS JOIN LATERAL (
    SELECT array_agg(close::float8 ORDER BY starts_at) AS closes, array_agg(known_at ORDER BY starts_at) AS closed_at,
           (array_agg(close ORDER BY starts_at DESC))[1] AS price
    FROM (
        SELECT close, known_at, starts_at FROM bars
        WHERE ticker = trend.ticker AND resolution = '1d' AND known_at <= :now
        ORDER BY starts_at DESC LIMIT 61
    ) AS latest
) AS bars
CROSS JOIN LATERAL (
    SELECT avg(close * volume)::float8 AS dollar_volume
    FROM (
        SELECT close, volume FROM bars
        WHERE ticker = trend.ticker AND resolution = '1d' AND known_at <= :now
        ORDER BY starts_at DESC LIMIT 20
    ) AS latest
) AS traded
CROSS JOIN LATERAL (
    SELECT min(day) - (:now AT TIME ZONE 'America/New_York')::date AS days
    FROM calendar_events
    WHERE type = 'earnings' AND ticker = trend.ticker AND known_at <= :now
      AND day + (coalesce(at, '') = 'amc')::integer > (:now AT TIME ZONE 'America/New_York')::date
) AS earnings
CROSS JOIN LATERAL (
    SELECT max(decision.decided_at) FILTER (WHERE earlier.window_name = trend.window_name) AS acted_at,
           max(earlier.generated_at) FILTER (WHERE earlier.action = 'buy') AS bought_at,
           max(earlier.generated_at) FILTER (WHERE earlier.action = 'sell') AS sold_at
    FROM recommendations AS earlier
    LEFT JOIN trading_decisions AS decision
        ON decision.account = :account AND decision.recommendation_id = earlier.id
        AND decision.verdict = 'act' AND decision.decided_at < :now
    WHERE earlier.ticker = trend.ticker AND earlier.mode <> 'informational'
      AND earlier.generated_at > :now - interval '30 days' AND earlier.generated_at < :now
) AS before
LEFT JOIN LATERAL (
    SELECT version, body FROM weights_versions
    WHERE activated_at < :now
    ORDER BY activated_at DESC, version LIMIT 1
) AS learned ON true
WHERE trend.id = :trend_id
FOR NO KEY UPDATE OF newest;

-- name: save
-- Keep a recommendation with its evidence and evaluation, unless it stands or its window had another one just before.
WITH given AS (
    SELECT row.*
    FROM jsonb_populate_record(
        NULL::recommendations,
        :recommendation::jsonb || jsonb_build_object('window_name', :recommendation::jsonb -> 'window')
    ) AS row
), new AS (
    INSERT INTO recommendations
    SELECT * FROM given
    WHERE NOT EXISTS (
        SELECT FROM recommendations AS earlier
        WHERE earlier.ticker = given.ticker AND earlier.window_name = given.window_name
          AND earlier.generated_at > given.generated_at - :quiet::interval
          AND earlier.generated_at <= given.generated_at
    )
    ON CONFLICT (id) DO NOTHING
    RETURNING id, generated_at
), evidence AS (
    INSERT INTO recommendation_evidence (recommendation_id, signal_id, weight_share, contribution, side)
    SELECT new.id, reason.signal_id, reason.weight_share, reason.contribution, reason.side
    FROM new, jsonb_populate_recordset(NULL::recommendation_evidence, :evidence) AS reason
)
INSERT INTO risk_evaluations (id, subject_kind, subject_id, verdict, checks, policy_version, evaluated_at)
SELECT :evaluation_id, 'recommendation', new.id, :verdict, :checks, :policy, new.generated_at
FROM new;
