-- name: page
-- Macro events, newest first: all by global_events_known_at, of a document by global_events_document.
SELECT g.id, g.document_id, d.title AS document_title, d.publisher, g.type, g.stage, g.regions, g.severity, g.surprise,
       g.direction, g.duration, g.confidence, g.summary, g.known_at,
       (SELECT count(*) FROM macro_impact_records WHERE event_id = g.id AND abs(impact) >= 0.05)::int AS impacted
FROM global_events AS g
JOIN documents AS d ON d.id = g.document_id
WHERE g.known_at <= :before_at AND (g.known_at < :before_at OR g.id > :after_id)
  AND (:type::text IS NULL OR g.type = :type)
  AND g.severity >= :severity
  AND (:document_id::uuid IS NULL OR g.document_id = :document_id)
  AND (:id::uuid IS NULL OR g.id = :id)
ORDER BY g.known_at DESC, g.id
LIMIT :limit;

-- name: terms
-- What an event is made of beside its row in a list; primary key.
SELECT g.sectors, g.commodities, g.currencies, g.extractor_version, g.evidence, d.normalized_sha256
FROM global_events AS g JOIN documents AS d ON d.id = g.document_id
WHERE g.id = :id;

-- name: impacts
-- What an event means for each company, the strongest first; primary key of macro_impact_records.
SELECT m.ticker, c.name, c.sector, m.impact, m.terms, m.size, m.coverage, m.missing,
       (SELECT id FROM signals AS s WHERE s.ticker = m.ticker AND s.origin_id = m.event_id AND s.known_at >= m.known_at
        ORDER BY s.known_at, s.id LIMIT 1) AS signal_id
FROM macro_impact_records AS m JOIN companies AS c ON c.ticker = m.ticker
WHERE m.event_id = :id
ORDER BY abs(m.impact) DESC, m.ticker;
