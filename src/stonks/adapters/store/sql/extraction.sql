-- name: document
-- One document, by its key.
SELECT * FROM documents WHERE id = :id;

-- name: waited
-- For how long a document has waited since it was parsed, by its key.
SELECT greatest(:now - status_at, interval '0') FROM documents WHERE id = :id;

-- name: named
-- The companies a document names with what texts call them, by the keys of both tables.
SELECT ticker, role, spans, name, aliases
FROM mentions JOIN companies USING (ticker)
WHERE document_id = :id
ORDER BY ticker;

-- name: fresh
-- What of a filing is new, as spans of its text; nothing where all of it is to be read; by primary key.
SELECT fresh FROM filings WHERE document_id = :id;

-- name: earlier
-- Titles about companies that come before a document by (known_at, id), within a span; index documents_known_at.
SELECT ticker, title, coalesce(story_cluster_id, id) AS cluster_id
FROM documents JOIN mentions ON mentions.document_id = documents.id
WHERE known_at >= :since AND known_at <= :known_at AND (known_at, id) < (:known_at, :id)
  AND status IN ('parsed', 'extracted', 'classified') AND ticker = ANY(:tickers::text[])
ORDER BY known_at, id, ticker;

-- name: earlier_macro
-- Titles of macro documents that come before one by (known_at, id), within a span; index documents_known_at.
SELECT '' AS ticker, title, coalesce(story_cluster_id, id) AS cluster_id
FROM documents
WHERE known_at >= :since AND known_at <= :known_at AND (known_at, id) < (:known_at, :id)
  AND status IN ('parsed', 'extracted', 'classified') AND document_type = 'macro_event'
ORDER BY known_at, id;

-- name: companies
-- Every company that is followed, with its exposures as they are known at an instant, by the keys of both tables.
SELECT ticker, name, cik, sector, sub_industry, aliases, exposures_of(ticker, :now) AS exposures
FROM companies ORDER BY ticker;

-- name: save
-- Keep one extraction with its impacts and signals, and end the document, all by their keys; of one that was withdrawn
-- meanwhile nothing.
WITH waiting AS MATERIALIZED (
    SELECT id FROM documents WHERE id = :id AND status = 'parsed' FOR UPDATE
), intelligence AS (
    INSERT INTO document_intelligence
    SELECT row.* FROM waiting, jsonb_populate_record(NULL::document_intelligence, :intelligence) AS row
    ON CONFLICT DO NOTHING
), impacts AS (
    INSERT INTO document_impact_records
    SELECT row.* FROM waiting, jsonb_populate_recordset(NULL::document_impact_records, :impacts) AS row
    ON CONFLICT DO NOTHING
), signals AS (
    INSERT INTO signals
    SELECT row.* FROM waiting, jsonb_populate_recordset(NULL::signals, :signals) AS row
    ON CONFLICT DO NOTHING
)
UPDATE documents SET status = 'extracted', status_reason = :reason, status_at = :now
FROM waiting WHERE documents.id = waiting.id;

-- name: save_event
-- Keep a macro event with its impacts and signals, where there is one, and end the document, all by their keys; of one
-- that was withdrawn meanwhile nothing.
WITH waiting AS MATERIALIZED (
    SELECT id FROM documents WHERE id = :id AND status = 'parsed' FOR UPDATE
), event AS (
    INSERT INTO global_events
    SELECT row.* FROM waiting, jsonb_populate_recordset(NULL::global_events, :events) AS row
    ON CONFLICT DO NOTHING
), impacts AS (
    INSERT INTO macro_impact_records
    SELECT row.* FROM waiting, jsonb_populate_recordset(NULL::macro_impact_records, :impacts) AS row
    ON CONFLICT DO NOTHING
), signals AS (
    INSERT INTO signals
    SELECT row.* FROM waiting, jsonb_populate_recordset(NULL::signals, :signals) AS row
    ON CONFLICT DO NOTHING
)
UPDATE documents SET status = 'classified', status_reason = :reason, status_at = :now
FROM waiting WHERE documents.id = waiting.id;
