-- name: pending
-- A ticker's signals of a span with fewer outcomes than there are horizons, those withdrawn by now left out; by
-- signals_ticker and the key of signal_outcomes.
SELECT id, known_at, direction, judged FROM signals CROSS JOIN LATERAL (
    SELECT count(*)::int AS judged FROM signal_outcomes WHERE signal_id = signals.id
) AS outcomes
WHERE ticker = :ticker AND known_at >= :since AND known_at <= :now AND (withdrawn_at IS NULL OR withdrawn_at > :now)
  AND judged < :horizons
ORDER BY known_at, id

-- name: market
-- A stock's sessions since an instant, and since a later one the mean of all followed companies beside it, from bars known
-- by now, with splits and dividends taken out of what happens from close to close; by bars_pkey, company by company.
WITH changes AS (
    SELECT ticker, ex_date, coalesce(max(ratio) FILTER (WHERE type = 'split'), 1) AS ratio,
           coalesce(sum(cash) FILTER (WHERE type <> 'split'), 0) AS cash
    FROM (
        SELECT DISTINCT ON (ticker, type, ex_date) ticker, type, ex_date, ratio, cash FROM corporate_actions
        WHERE known_at <= :now ORDER BY ticker, type, ex_date, known_at DESC
    ) AS newest
    GROUP BY ticker, ex_date
), bar AS (
    SELECT companies.ticker, starts_at, ends_at, open, close, (starts_at AT TIME ZONE 'America/New_York')::date AS ex_date,
           lag(close) OVER (PARTITION BY companies.ticker ORDER BY starts_at) AS before
    FROM companies CROSS JOIN LATERAL (
        SELECT starts_at, ends_at, open, close FROM bars
        WHERE bars.ticker = companies.ticker AND resolution = '1d' AND known_at <= :now AND open > 0
          AND starts_at >= CASE companies.ticker WHEN :ticker THEN :calm::timestamptz ELSE :since END
    ) AS recent
), move AS (
    SELECT ticker, starts_at, ends_at, open, close, (close / open)::float8 AS intraday,
           ((close * coalesce(ratio, 1) + coalesce(cash, 0)) / nullif(before, 0))::float8 AS daily
    FROM bar LEFT JOIN changes USING (ticker, ex_date)
), mean AS (
    SELECT starts_at, avg(intraday) AS market_intraday, avg(daily) AS market_daily FROM move GROUP BY starts_at
)
SELECT starts_at, ends_at, open, close, intraday, coalesce(daily, 1) AS daily, market_intraday,
       coalesce(market_daily, 1) AS market_daily
FROM move JOIN mean USING (starts_at) WHERE ticker = :ticker ORDER BY starts_at

-- name: save
-- Keep outcomes, each as it was first computed; by primary key.
INSERT INTO signal_outcomes (signal_id, horizon, entry_at, entry_price, exit_at, exit_price, return, abnormal, z, hit,
                             price_source, known_at)
SELECT signal_id, horizon, entry_at, entry_price, exit_at, exit_price, return, abnormal, z, hit, price_source, known_at
FROM jsonb_populate_recordset(NULL::signal_outcomes, :outcomes)
ON CONFLICT (signal_id, horizon) DO NOTHING
