-- name: seed_sources
-- Know these sources and no others; where they stand is not touched; by primary key.
WITH given AS (
    SELECT * FROM jsonb_populate_recordset(NULL::sources, :sources)
), gone AS (
    UPDATE sources SET stopped = 'no setting turns it on any more'
    WHERE name NOT IN (SELECT name FROM given) AND stopped IS DISTINCT FROM 'no setting turns it on any more'
)
INSERT INTO sources (name, adapter, cadence, closed_cadence, freshness_slo, stopped, cursor, next_run_at)
SELECT name, adapter, cadence, closed_cadence, freshness_slo, stopped, cursor, next_run_at FROM given
ON CONFLICT (name) DO UPDATE
SET adapter = EXCLUDED.adapter, cadence = EXCLUDED.cadence, closed_cadence = EXCLUDED.closed_cadence,
    freshness_slo = EXCLUDED.freshness_slo, stopped = EXCLUDED.stopped

-- name: sources
-- Every source with when its newest poll began, if that has not ended, and what went wrong in the newest that has; by
-- ingestion_runs_source.
SELECT name, adapter, cadence, closed_cadence, freshness_slo, paused, stopped, asked_at, cursor, next_run_at, failures,
       last_success_at, newest.running_since, newest.last_error
FROM sources
LEFT JOIN LATERAL (
    SELECT CASE WHEN ended_at IS NULL THEN started_at END AS running_since,
           coalesce(error, CASE WHEN ended_at IS NULL THEN (
               SELECT before.error FROM ingestion_runs AS before
               WHERE before.source = name AND before.ended_at IS NOT NULL ORDER BY before.started_at DESC LIMIT 1
           ) END) AS last_error
    FROM ingestion_runs WHERE source = name ORDER BY started_at DESC LIMIT 1
) AS newest ON true
ORDER BY name

-- name: start_runs
-- Begin polls of sources that stand as they were seen, and return their names; by primary key.
WITH started AS (
    UPDATE sources SET next_run_at = asked.next_at, asked_at = NULL
    FROM UNNEST(:names::text[], :seen::timestamptz[], :run_ids::uuid[], :next::timestamptz[])
        AS asked (name, seen, run_id, next_at)
    WHERE sources.name = asked.name AND sources.next_run_at IS NOT DISTINCT FROM asked.seen
    RETURNING sources.name, sources.cursor, asked.run_id
)
INSERT INTO ingestion_runs (id, source, started_at, cursor_before)
SELECT run_id, name, :now, cursor FROM started
ON CONFLICT (id) DO NOTHING
RETURNING source

-- name: pause
-- Let a source be polled or not, and return how it was before, locked; by primary key.
WITH before AS (SELECT paused FROM sources WHERE name = :name FOR UPDATE)
UPDATE sources SET paused = :paused FROM before WHERE sources.name = :name RETURNING before.paused

-- name: ask
-- Note that somebody wants a source polled at once, and return its name; by primary key.
UPDATE sources SET asked_at = :now WHERE name = :name RETURNING name

-- name: last_session
-- The last trading day that is known; by primary key.
SELECT max(day) FROM market_sessions

-- name: keep_sessions
-- Keep trading days; the exchange may still change the hours of one; by primary key.
INSERT INTO market_sessions (day, opens_at, closes_at)
SELECT day, opens_at, closes_at FROM jsonb_populate_recordset(NULL::market_sessions, :sessions)
ON CONFLICT (day) DO UPDATE SET opens_at = EXCLUDED.opens_at, closes_at = EXCLUDED.closes_at

-- name: sessions
-- The trading days of a span, in order; by primary key.
SELECT day, opens_at, closes_at FROM market_sessions WHERE day BETWEEN :first AND :last ORDER BY day

-- name: tickers
-- Every company that is followed; by primary key.
SELECT ticker FROM companies ORDER BY ticker

-- name: stuck
-- Documents that have waited since before an instant and whose work is neither open nor dead in the ledger: what is
-- dead is for people to judge. By documents_unfinished.
SELECT id, status, document_type
FROM documents
WHERE status IN ('stored', 'parsed') AND status_at < :before
  AND NOT EXISTS (
      SELECT FROM jobs
      WHERE queue IN ('parsing', 'extraction', 'macro_classification') AND subject = documents.id::text
        AND done_at IS NULL AND dead_at IS NULL
  )
  AND NOT EXISTS (
      SELECT FROM jobs
      WHERE job_id = CASE WHEN status = 'stored' THEN 'parsing:'
                          WHEN document_type = 'macro_event' THEN 'macro_classification:'
                          ELSE 'extraction:' END || documents.id
        AND dead_at IS NOT NULL
  )
ORDER BY status_at, id
LIMIT 500

-- name: touch
-- Note that documents have been asked for again; by primary key.
UPDATE documents SET status_at = :now WHERE id = ANY(:ids::uuid[]) AND status IN ('stored', 'parsed')

-- name: reopen
-- Open the ledger rows of work that was done and yet is wanted; by primary key.
UPDATE jobs SET done_at = NULL WHERE job_id = ANY(:job_ids::text[]) AND done_at IS NOT NULL

-- name: lives
-- Whether sources are read in real time here; scans sources, which are few.
SELECT EXISTS (SELECT FROM sources) AND NOT EXISTS (SELECT FROM replay_clock)
