-- name: source
-- One source as it stands; by primary key.
SELECT name, adapter, cadence, closed_cadence, freshness_slo, paused, stopped, asked_at, cursor, next_run_at, failures,
       last_success_at
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

-- name: withdraw_signals
-- Let signals of documents that these revisions remove count no more, nor what was inferred from them, and return the
-- tickers; by signals_document and signals_origin.
WITH cited AS (
    SELECT signals.id
    FROM documents AS later
    JOIN documents AS earlier ON earlier.source = later.source AND earlier.external_id = later.external_id
                              AND earlier.revision < later.revision
    JOIN signals ON signals.document_id = earlier.id
    WHERE later.id = ANY(:ids::uuid[]) AND later.action = 'removed'
), withdrawn AS (
    UPDATE signals SET withdrawn_at = :now
    WHERE withdrawn_at IS NULL
      AND (id IN (SELECT id FROM cited) OR (layer = 'competitive' AND origin_id IN (SELECT id FROM cited)))
    RETURNING ticker
)
SELECT DISTINCT ticker FROM withdrawn ORDER BY ticker

-- name: keep_answers
-- Keep what was answered in a run, numbered in order; by primary key.
INSERT INTO source_answers (run_id, number, source, url, status, headers, content_type, fetched_at, sha256, size)
SELECT :run_id, answer.number, :source, answer.item ->> 'url', (answer.item ->> 'status')::int, answer.item -> 'headers',
       answer.item ->> 'content_type', (answer.item ->> 'fetched_at')::timestamptz, answer.item ->> 'sha256',
       (answer.item ->> 'size')::int
FROM jsonb_array_elements(:answers) WITH ORDINALITY AS answer (item, number)
ON CONFLICT DO NOTHING

-- name: correct_bars
-- End the validity of bars that their source now tells otherwise, and return how many; by bar_versions_newest.
UPDATE bar_versions AS old SET superseded_at = new.known_at
FROM jsonb_populate_recordset(NULL::bars, :bars) AS new
WHERE old.ticker = new.ticker AND old.resolution = new.resolution AND old.starts_at = new.starts_at
  AND old.superseded_at IS NULL AND old.source = :source AND old.known_at < new.known_at
  AND (old.ends_at, old.open, old.high, old.low, old.close, old.volume)
      IS DISTINCT FROM (new.ends_at, new.open, new.high, new.low, new.close, new.volume)

-- name: store_bars
-- Keep bars; one that stands stays as it is; by bar_versions_newest.
INSERT INTO bar_versions (ticker, resolution, starts_at, ends_at, open, high, low, close, volume, known_at, source)
SELECT ticker, resolution, starts_at, ends_at, open, high, low, close, volume, known_at, :source
FROM jsonb_populate_recordset(NULL::bars, :bars)
ON CONFLICT DO NOTHING

-- name: store_actions
-- Keep dividends and splits that are new, or that their source tells otherwise than before; by primary key.
INSERT INTO corporate_actions (ticker, type, ex_date, ratio, cash, known_at, source)
SELECT new.ticker, new.type, new.ex_date, new.ratio, new.cash, new.known_at, :source
FROM jsonb_populate_recordset(NULL::corporate_actions, :actions) AS new
LEFT JOIN LATERAL (
    SELECT source, ratio, cash, known_at FROM corporate_actions AS known
    WHERE known.ticker = new.ticker AND known.type = new.type AND known.ex_date = new.ex_date
    ORDER BY known_at DESC LIMIT 1
) AS newest ON true
WHERE newest.known_at IS NULL
   OR (newest.source = :source AND newest.known_at < new.known_at
       AND (newest.ratio, newest.cash) IS DISTINCT FROM (new.ratio, new.cash))
ON CONFLICT DO NOTHING

-- name: store_details
-- Keep what a source says of listings where it says something new; by primary key.
INSERT INTO ticker_details (ticker, source, known_at, facts)
SELECT new.ticker, :source, new.known_at, new.facts
FROM jsonb_populate_recordset(NULL::ticker_details, :details) AS new
WHERE new.facts IS DISTINCT FROM (
    SELECT facts FROM ticker_details AS known
    WHERE known.ticker = new.ticker AND known.source = :source ORDER BY known_at DESC LIMIT 1
)
ON CONFLICT DO NOTHING

-- name: store_events
-- Keep dated facts; what is known already stays as it was; by primary key.
INSERT INTO calendar_events (type, ticker, day, at, amount, known_at)
SELECT type, coalesce(ticker, ''), day, "when", amount, known_at
FROM jsonb_to_recordset(:events)
     AS event (type text, ticker text, day date, "when" text, amount numeric, known_at timestamptz)
ON CONFLICT DO NOTHING

-- name: succeed
-- Close a run, with what went wrong at its edges, and move its source on; by both primary keys.
WITH run AS (
    UPDATE ingestion_runs
    SET ended_at = :now, cursor_after = :cursor, fetched = :fetched, stored = :stored, duplicates = :duplicates,
        error = :error
    WHERE id = :run_id
)
UPDATE sources SET cursor = :cursor, failures = 0, last_success_at = :now, next_run_at = coalesce(:next_at, next_run_at)
WHERE name = :source

-- name: fail
-- Close a run with its error and count one more failure of its source, which goes on from what came until then; by both
-- primary keys.
WITH run AS (
    UPDATE ingestion_runs
    SET ended_at = :now, error = :error, cursor_after = :cursor, fetched = :fetched, stored = :stored,
        duplicates = :duplicates
    WHERE id = :run_id
)
UPDATE sources
SET failures = failures + 1, next_run_at = coalesce(:next_at, next_run_at), cursor = coalesce(:cursor, cursor)
WHERE name = :source
