-- name: page
-- Documents, newest first; documents_known_at, and mentions for a ticker.
SELECT id, source, document_type, action, revision, publisher, title, url, published_at, known_at, status, status_reason,
       quality, language, ARRAY(
           SELECT ticker FROM mentions WHERE document_id = documents.id
           ORDER BY array_position(ARRAY['primary', 'secondary', 'passing'], role), ticker) AS tickers
FROM documents
WHERE known_at <= :before_at AND (known_at < :before_at OR id > :after_id)
  AND (:status::text IS NULL OR status = :status)
  AND (:document_type::text IS NULL OR document_type = :document_type)
  AND (:source::text IS NULL OR source = :source)
  AND (:ticker::text IS NULL OR id IN (SELECT document_id FROM mentions WHERE ticker = :ticker))
ORDER BY known_at DESC, id
LIMIT :limit;

-- name: detail
-- One document with all that the parser noted; primary keys.
SELECT id, source, document_type, action, revision, publisher, title, url, published_at, known_at, status, status_reason,
       quality, language, ARRAY(
           SELECT ticker FROM mentions WHERE document_id = documents.id
           ORDER BY array_position(ARRAY['primary', 'secondary', 'passing'], role), ticker) AS tickers,
       external_id, content_type, content_hash, raw_sha256, normalized_sha256, story_cluster_id, feed_tickers, flags,
       quality_features, status_at,
       coalesce((SELECT jsonb_agg(jsonb_build_object('ticker', ticker, 'role', role, 'spans', spans) ORDER BY ticker)
                 FROM mentions WHERE document_id = documents.id), '[]') AS mentions
FROM documents WHERE id = :id;

-- name: object
-- Under which hashes a document's bytes are kept, and as what they came; primary key.
SELECT raw_sha256, normalized_sha256, content_type FROM documents WHERE id = :id;

-- name: intelligence
-- What each extractor read from a document; both unique keys begin with what is asked.
SELECT id, extractor_version, model, prompt_version, kind, summary, numbers, degraded, verified_ratio, known_at,
       coalesce((SELECT jsonb_agg(jsonb_build_object(
           'ticker', ticker, 'direction', direction, 'strength', strength, 'confidence', confidence,
           'event_types', event_types, 'horizon', horizon, 'relevance', relevance, 'novelty', novelty, 'evidence', evidence)
           ORDER BY ticker)
         FROM document_impact_records WHERE intelligence_id = document_intelligence.id), '[]') AS impacts
FROM document_intelligence WHERE document_id = :id ORDER BY known_at, id;

-- name: search
-- Documents whose title has these words, newest first; document_title_words.
SELECT id, title, publisher, known_at FROM documents
WHERE to_tsvector('english', title) @@ websearch_to_tsquery('english', :words)
ORDER BY known_at DESC, id LIMIT :limit;
