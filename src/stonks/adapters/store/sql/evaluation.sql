-- name: span
-- From when to when there is something to look at: a replay's span, else that of all signals; scans signals, once a run.
SELECT coalesce((SELECT starts_at FROM replay_clock), min(known_at)) AS starts_at,
       coalesce((SELECT least(now, ends_at) FROM replay_clock), max(known_at)) AS ends_at,
       coalesce((SELECT tape FROM replay_clock), 'live') AS subject
FROM signals

-- name: sessions
-- The trading days whose close lies in a span, in order; scans market_sessions, which is small.
SELECT day, opens_at, closes_at FROM market_sessions WHERE closes_at >= :starts_at AND closes_at <= :ends_at ORDER BY day

-- name: tickers
-- Every company that is followed, by primary key.
SELECT ticker FROM companies ORDER BY ticker

-- name: returns
-- What each followed company's price did in each session up to an instant, splits and dividends taken out; by bars_pkey.
WITH actions AS (
    SELECT DISTINCT ON (ticker, type, ex_date) ticker, type, ex_date, ratio, cash FROM corporate_actions
    WHERE known_at <= :ends_at ORDER BY ticker, type, ex_date, known_at DESC
), changes AS (
    SELECT ticker, ex_date, coalesce(max(ratio) FILTER (WHERE type = 'split'), 1) AS ratio,
           coalesce(sum(cash) FILTER (WHERE type <> 'split'), 0) AS cash
    FROM actions GROUP BY ticker, ex_date
), bar AS (
    SELECT ticker, starts_at, (starts_at AT TIME ZONE 'America/New_York')::date AS ex_date, open, close,
           lag(close) OVER (PARTITION BY ticker ORDER BY starts_at) AS before
    FROM bars JOIN companies USING (ticker)
    WHERE resolution = '1d' AND known_at <= :ends_at AND open > 0
)
SELECT ticker, starts_at, (close / open)::float8 - 1 AS intraday,
       ((close * coalesce(ratio, 1) + coalesce(cash, 0)) / nullif(before, 0))::float8 - 1 AS daily
FROM bar LEFT JOIN changes USING (ticker, ex_date)
WHERE starts_at >= :starts_at
ORDER BY ticker, starts_at

-- name: said
-- The company layer's signals of a span as they weigh at birth (signals.md 4.1), those taken back left out; scans signals.
SELECT ticker, cluster_id, known_at, direction,
       strength * confidence * credibility * quality * relevance * (0.25 + 0.75 * novelty) AS weight
FROM signals
WHERE layer = 'company' AND known_at >= :starts_at AND known_at <= :ends_at AND withdrawn_at IS NULL
ORDER BY known_at, id

-- name: trends
-- The score of each company's one-day trend that held at each open, made no earlier than the open before; by the unique
-- key of trend_history.
SELECT companies.ticker, session.opens_at, held.score AS value
FROM (
    SELECT opens_at, coalesce(lag(opens_at) OVER (ORDER BY opens_at), opens_at - interval '1 day') AS before
    FROM market_sessions WHERE closes_at >= :starts_at AND closes_at <= :ends_at
) AS session
CROSS JOIN companies
CROSS JOIN LATERAL (
    SELECT score, weight FROM trend_history
    WHERE ticker = companies.ticker AND window_name = '1d'
      AND as_of > session.before AND as_of <= session.opens_at - :latency::interval
    ORDER BY as_of DESC LIMIT 1
) AS held
WHERE held.weight > 0
ORDER BY session.opens_at, companies.ticker

-- name: probabilities
-- The probability of each company's newest one-day recommendation at each open, made no earlier than the open before; by
-- recommendations_ticker.
SELECT companies.ticker, session.opens_at, advised.probability AS value
FROM (
    SELECT opens_at, coalesce(lag(opens_at) OVER (ORDER BY opens_at), opens_at - interval '1 day') AS before
    FROM market_sessions WHERE closes_at >= :starts_at AND closes_at <= :ends_at
) AS session
CROSS JOIN companies
CROSS JOIN LATERAL (
    SELECT probability FROM recommendations
    WHERE ticker = companies.ticker AND window_name = '1d'
      AND generated_at > session.before AND generated_at <= session.opens_at - :latency::interval
    ORDER BY generated_at DESC, id LIMIT 1
) AS advised
ORDER BY session.opens_at, companies.ticker

-- name: layers
-- What became of the signals of each layer over each horizon, each story of a company once; scans signal_outcomes.
SELECT layer, sessions, count(*)::int AS outcomes, avg(hit::int)::float8 AS hit_rate, avg(signed)::float8 AS abnormal
FROM (
    SELECT DISTINCT ON (signals.layer, outcome.horizon, signals.ticker, signals.cluster_id)
           signals.layer, extract(day FROM outcome.horizon)::int AS sessions, outcome.hit,
           sign(signals.direction) * outcome.abnormal AS signed
    FROM signal_outcomes AS outcome JOIN signals ON signals.id = outcome.signal_id
    ORDER BY signals.layer, outcome.horizon, signals.ticker, signals.cluster_id, signals.known_at, signals.id
) AS story
GROUP BY layer, sessions ORDER BY layer, sessions

-- name: versions
-- Every version of the weights with what it was judged by, newest first; scans weights_versions, which is small.
SELECT version, fitted_at, activated_at, outcomes, log_loss, base_log_loss, verdict FROM weights_versions
ORDER BY fitted_at DESC, version

-- name: ratios
-- The ratio of every trial that had one, in the order they were made; scans trials, which is small.
SELECT ratio FROM trials WHERE ratio IS NOT NULL ORDER BY number

-- name: tried
-- Take down one more trial; by primary key.
INSERT INTO trials (kind, subject, as_of, periods, ratio) VALUES (:kind, :subject, :as_of, :periods, :ratio)
