-- name: page
-- Signals with their documents, newest first: of a ticker by signals_ticker, of a document by signals_document, or by id.
SELECT s.id, s.ticker, s.layer, s.source, s.event_type, s.direction, s.strength, s.confidence, s.credibility, s.novelty,
       s.quality, s.relevance, s.half_life, s.event_at, s.known_at, s.extractor_version, s.cluster_id, s.origin_id,
       d.id AS document_id, d.title AS document_title, d.publisher
FROM signals AS s
LEFT JOIN documents AS d ON d.id = s.document_id
WHERE s.known_at <= :before_at AND (s.known_at < :before_at OR s.id > :after_id)
  AND (:ticker::text IS NULL OR s.ticker = :ticker)
  AND (:layer::text IS NULL OR s.layer = :layer)
  AND (:document_id::uuid IS NULL OR s.document_id = :document_id)
  AND (:ids::uuid[] IS NULL OR s.id = ANY (:ids))
ORDER BY s.known_at DESC, s.id
LIMIT :limit;
