-- name: begin
-- Start a replay's clock, or leave the one that stands; one row.
INSERT INTO replay_clock (tape, starts_at, ends_at, now, stage)
VALUES (:tape, :starts_at, :ends_at, :starts_at, 'waiting')
ON CONFLICT (only_row) DO NOTHING

-- name: clock
-- The replay's clock, where there is one; one row.
SELECT tape, starts_at, ends_at, now, stage, finished_at FROM replay_clock

-- name: move
-- Open one stage at one instant, note the turns since, and tell every process that follows; one row.
-- It does not wait for the disk: the next commit that does takes it along, and until then nothing depends on it.
WITH turned AS (
    INSERT INTO poll_turns (stage, polled_at) SELECT * FROM UNNEST(:turned::text[], :turns::timestamptz[])
    ON CONFLICT (stage) DO UPDATE SET polled_at = EXCLUDED.polled_at
), moved AS (
    UPDATE replay_clock SET now = :now, stage = :stage RETURNING now
)
SELECT pg_notify('stonks_clock', :announcement::text) FROM moved
WHERE set_config('synchronous_commit', 'off', true) = 'off'

-- name: finish
-- Close the replay with its summary; one row.
UPDATE replay_clock SET stage = 'finished', finished_at = :now, summary = :summary

-- name: daily_equity
-- An account's last equity of each day in New York, in order; by primary key.
SELECT equity::float8 FROM (
    SELECT DISTINCT ON ((as_of AT TIME ZONE 'America/New_York')::date) as_of, equity FROM portfolio_snapshots
    WHERE account = :account ORDER BY (as_of AT TIME ZONE 'America/New_York')::date, as_of DESC
) AS day ORDER BY as_of

-- name: tried
-- Take a replay that is not closed yet down as one more trial; by primary key.
INSERT INTO trials (kind, subject, as_of, periods, ratio)
SELECT 'replay', tape, ends_at, :periods, :ratio FROM replay_clock WHERE finished_at IS NULL

-- name: polled
-- Record that a stage has had its turn at this instant; by primary key.
INSERT INTO poll_turns (stage, polled_at) VALUES (:stage, :now)
ON CONFLICT (stage) DO UPDATE SET polled_at = EXCLUDED.polled_at

-- name: polled_at
-- The instant at which a stage last had its turn; by primary key.
SELECT polled_at FROM poll_turns WHERE stage = :stage

-- name: open_jobs
-- How many ledger rows of each queue are neither done nor dead; by the index of open jobs.
SELECT queue AS name, count(*)::int AS count FROM jobs WHERE done_at IS NULL AND dead_at IS NULL GROUP BY queue

-- name: documents_by_end
-- Documents by status and, for end states, the reason; scans documents, once a replay.
SELECT status || CASE WHEN status_reason IS NULL THEN '' ELSE ': ' || status_reason END AS name, count(*)::int AS count
FROM documents GROUP BY 1 ORDER BY 1

-- name: signals_by_layer
-- Signals by layer; scans signals, once a replay.
SELECT layer AS name, count(*)::int AS count FROM signals GROUP BY 1 ORDER BY 1

-- name: trends_by_window
-- Trend versions by window; scans trend_history, once a replay.
SELECT window_name AS name, count(*)::int AS count FROM trend_history GROUP BY 1 ORDER BY 1

-- name: recommendations_by_action
-- Recommendations by action and mode; scans recommendations, once a replay.
SELECT action || ' ' || mode AS name, count(*)::int AS count FROM recommendations GROUP BY 1 ORDER BY 1

-- name: suppressions_by_code
-- Recommendations held back, by reason; one may have several; scans recommendations, once a replay.
SELECT held ->> 'code' AS name, count(*)::int AS count
FROM recommendations, jsonb_array_elements(suppressions) AS held GROUP BY 1 ORDER BY 1

-- name: decisions_by_reason
-- Decisions by verdict and first failing gate; scans trading_decisions, once a replay.
SELECT verdict || CASE WHEN primary_reason IS NULL THEN '' ELSE ': ' || primary_reason END AS name, count(*)::int AS count
FROM trading_decisions GROUP BY 1 ORDER BY 1

-- name: orders_by_status
-- Orders by side and status; scans orders, once a replay.
SELECT side || ' ' || status AS name, count(*)::int AS count FROM orders GROUP BY 1 ORDER BY 1

-- name: fill_count
-- How many executions were booked; scans fills, once a replay.
SELECT count(*)::int FROM fills

-- name: equity
-- The newest snapshot of an account, in dollars; by primary key.
SELECT round(equity, 2) FROM portfolio_snapshots WHERE account = :account ORDER BY as_of DESC LIMIT 1

-- name: dead_jobs
-- How many jobs ended as dead letters; scans jobs, once a replay.
SELECT count(*)::int FROM jobs WHERE dead_at IS NOT NULL

-- name: decisions
-- Every decision with what it was about, in a fixed order: what the digest is made of; scans trading_decisions.
SELECT d.id, r.ticker, r.window_name AS "window", r.action, d.verdict, d.primary_reason, d.quantity::text AS quantity,
       d.checks, d.decided_at
FROM trading_decisions AS d JOIN recommendations AS r ON r.id = d.recommendation_id
ORDER BY d.decided_at, d.id
