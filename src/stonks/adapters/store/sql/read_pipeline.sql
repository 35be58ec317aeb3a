-- name: queues
-- What the ledger holds for each queue: open rows by jobs_open; done ones as tallied, and since then by jobs_done; and
-- how long the newest 200 took from being written down to being done.
SELECT asked.queue, took.p50 AS took_p50_seconds, took.p95 AS took_p95_seconds, pending.open, pending.oldest AS oldest_open_at,
       extract(epoch FROM now() - pending.oldest)::float8 AS oldest_age_seconds,
       (SELECT count(*) FROM jobs WHERE jobs.queue = asked.queue AND done_at > now() - interval '5 minutes')::int AS done_last_5m,
       later.done AS done_untallied, (coalesce(tally.done, 0) + later.done)::bigint AS done_total
FROM unnest(:queues::text[]) WITH ORDINALITY AS asked (queue, place)
LEFT JOIN job_tallies AS tally ON tally.queue = asked.queue
CROSS JOIN LATERAL (
    SELECT count(*) AS done FROM jobs
    WHERE jobs.queue = asked.queue AND done_at > coalesce(tally.counted_to, '-infinity')
) AS later
CROSS JOIN LATERAL (
    SELECT count(*)::int AS open, min(created_at) AS oldest FROM jobs
    WHERE jobs.queue = asked.queue AND done_at IS NULL AND dead_at IS NULL
) AS pending
CROSS JOIN LATERAL (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS p50, percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95
    FROM (SELECT extract(epoch FROM done_at - created_at)::float8 AS seconds FROM jobs
          WHERE jobs.queue = asked.queue AND done_at IS NOT NULL ORDER BY done_at DESC LIMIT 200) AS newest
) AS took
ORDER BY asked.place;

-- name: ages
-- How old the oldest open row of each queue is, in seconds, 0 where there is none; jobs_open.
SELECT asked.queue, coalesce(extract(epoch FROM now() - pending.oldest), 0)::float8 AS seconds
FROM unnest(:queues::text[]) AS asked (queue)
CROSS JOIN LATERAL (
    SELECT min(created_at) AS oldest FROM jobs
    WHERE jobs.queue = asked.queue AND done_at IS NULL AND dead_at IS NULL
) AS pending;

-- name: tally_alone
-- Whether this transaction is the only one that tallies; and the instant before which no row can still become done,
-- because every transaction that began before it has ended (now() is when a transaction began).
SELECT pg_try_advisory_xact_lock(hashtext('stonks:tallies')) AS alone,
       least(now(), min(xact_start)) - :margin::interval AS until
FROM pg_stat_activity WHERE datname = current_database();

-- name: tally
-- Add what was done since the last tally; a range of jobs_done.
INSERT INTO job_tallies AS known (queue, done, counted_to)
SELECT asked.queue, count(jobs.done_at), :until FROM unnest(:queues::text[]) AS asked (queue)
LEFT JOIN job_tallies AS tally ON tally.queue = asked.queue
LEFT JOIN jobs ON jobs.queue = asked.queue AND jobs.done_at > coalesce(tally.counted_to, '-infinity') AND jobs.done_at <= :until
WHERE tally.counted_to IS NULL OR tally.counted_to < :until
GROUP BY asked.queue
ON CONFLICT (queue) DO UPDATE SET done = known.done + excluded.done, counted_to = excluded.counted_to;

-- name: turns
-- When each stage that works on its own clock last looked; primary key.
SELECT stage, polled_at FROM poll_turns ORDER BY stage;

-- name: reconciler
-- When somebody last compared the ledger with the queue, and how long ago that is in seconds; primary key.
SELECT polled_at AS looked_at, extract(epoch FROM now() - polled_at)::float8 AS age_seconds
FROM poll_turns WHERE stage = 'reconciler';

-- name: documents
-- How many documents stand where; index-only by document_status.
SELECT status, status_reason AS reason, count(*)::int AS documents FROM documents
GROUP BY status, status_reason ORDER BY status, documents DESC, reason;

-- name: sources
-- Every source, its freshness at an instant and its runs of the day before it; ingestion_runs_source.
SELECT name, adapter, extract(epoch FROM cadence)::float8 AS cadence_seconds,
       extract(epoch FROM freshness_slo)::float8 AS freshness_slo_seconds, paused, failures, last_success_at, next_run_at,
       extract(epoch FROM :now::timestamptz - last_success_at)::float8 AS age_seconds,
       NOT paused AND stopped IS NULL AND :real::boolean
           AND (last_success_at IS NULL OR :now::timestamptz - last_success_at > freshness_slo) AS late,
       day.runs, day.stored, day.duplicates,
       (SELECT error FROM ingestion_runs WHERE source = name ORDER BY started_at DESC LIMIT 1) AS last_error
FROM sources
CROSS JOIN LATERAL (
    SELECT count(*)::int AS runs, coalesce(sum(stored), 0)::int AS stored, coalesce(sum(duplicates), 0)::int AS duplicates
    FROM ingestion_runs WHERE source = name AND started_at > :now::timestamptz - interval '1 day'
) AS day
ORDER BY name;

-- name: alerts
-- Alerts with what became of them on all channels, newest first; alerts_raised, then by primary key.
SELECT id, kind, severity, subject, text, raised_at, told.sent_at, told.channel, told.error FROM alerts
CROSS JOIN LATERAL (
    SELECT min(sent_at) AS sent_at, string_agg(channel, ', ' ORDER BY sent_at, channel) FILTER (WHERE sent_at IS NOT NULL) AS channel,
           string_agg(channel || ': ' || error, '; ' ORDER BY channel) AS error
    FROM alert_deliveries WHERE alert_id = alerts.id
) AS told
WHERE raised_at <= :before_at AND (raised_at < :before_at OR id > :after_id)
  AND (:severity::text IS NULL OR severity = :severity)
ORDER BY raised_at DESC, id
LIMIT :limit;

-- name: lake_tables
-- How much of each fact table is published; the table has one row a table and day.
SELECT table_name AS "table", count(*)::int AS days, sum(rows)::bigint AS rows, sum(bytes)::bigint AS bytes,
       min(day) AS first_day, max(day) AS last_day, max(published_at) AS published_at
FROM lake_batches GROUP BY table_name ORDER BY table_name;
