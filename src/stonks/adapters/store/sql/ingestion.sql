-- name: source
-- One source as it stands; by primary key.
SELECT name, adapter, cadence, freshness_slo, paused, cursor, next_run_at, failures, last_success_at
FROM sources WHERE name = :name

-- name: revisions
-- What is stored of documents that a source delivers again; by the unique key of documents.
SELECT external_id, revision, action, content_hash
FROM documents WHERE source = :source AND external_id = ANY(:external_ids::text[])

-- name: store
-- Store revisions and return the ids of those that were not there; by primary key.
INSERT INTO documents (id, source, external_id, revision, action, document_type, publisher, url, title, published_at,
                       known_at, content_hash, raw_sha256, content_type, feed_tickers, language, status, status_reason,
                       status_at, run_id)
SELECT id, source, external_id, revision, action, document_type, publisher, url, title, published_at,
       known_at, content_hash, raw_sha256, content_type, feed_tickers, language, status, status_reason,
       :now, :run_id
FROM jsonb_populate_recordset(NULL::documents, :documents)
ON CONFLICT DO NOTHING
RETURNING id

-- name: supersede
-- Mark what came before these revisions: flagged where they change it, withdrawn where they remove it; by the unique key.
UPDATE documents AS earlier
SET flags = array_append(array_remove(earlier.flags, 'superseded'), 'superseded'),
    status = CASE WHEN later.action = 'removed' THEN 'withdrawn' ELSE earlier.status END,
    status_reason = CASE WHEN later.action = 'removed' THEN :reason ELSE earlier.status_reason END,
    status_at = CASE WHEN later.action = 'removed' THEN :now ELSE earlier.status_at END
FROM documents AS later
WHERE later.id = ANY(:ids::uuid[]) AND earlier.source = later.source AND earlier.external_id = later.external_id
  AND earlier.revision < later.revision AND earlier.status <> 'withdrawn'

-- name: store_bars
-- Keep bars; what is known already stays as it was; by primary key.
INSERT INTO bars (ticker, resolution, starts_at, ends_at, open, high, low, close, volume, known_at)
SELECT ticker, resolution, starts_at, ends_at, open, high, low, close, volume, known_at
FROM jsonb_populate_recordset(NULL::bars, :bars)
ON CONFLICT DO NOTHING

-- name: store_events
-- Keep dated facts; what is known already stays as it was; by primary key.
INSERT INTO calendar_events (type, ticker, day, at, amount, known_at)
SELECT type, coalesce(ticker, ''), day, "when", amount, known_at
FROM jsonb_to_recordset(:events)
     AS event (type text, ticker text, day date, "when" text, amount numeric, known_at timestamptz)
ON CONFLICT DO NOTHING

-- name: succeed
-- Close a run and move its source on; by both primary keys.
WITH run AS (
    UPDATE ingestion_runs
    SET ended_at = :now, cursor_after = :cursor, fetched = :fetched, stored = :stored, duplicates = :duplicates
    WHERE id = :run_id
)
UPDATE sources SET cursor = :cursor, failures = 0, last_success_at = :now, next_run_at = coalesce(:next_at, next_run_at)
WHERE name = :source

-- name: fail
-- Close a run with its error and count one more failure of its source; by both primary keys.
WITH run AS (
    UPDATE ingestion_runs SET ended_at = :now, error = :error WHERE id = :run_id
)
UPDATE sources SET failures = failures + 1, next_run_at = coalesce(:next_at, next_run_at) WHERE name = :source
