-- name: drafts
-- Recommendations for trading generated within a span whose thesis no model was asked about, oldest first, with the
-- reasons behind them, heaviest first; index recommendations_generated, and recommendation_evidence by its key.
SELECT r.id, r.ticker, companies.name AS company, r.window_name AS "window", r.action, r.probability, r.probability_low,
       r.probability_high, r.confidence, r.expected_return, r.cost, r.thesis_template, reasons.grounds
FROM recommendations AS r
JOIN companies USING (ticker)
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'event_type', s.event_type, 'publisher', coalesce(documents.publisher, s.source), 'known_at', s.known_at,
        'weight_share', e.weight_share, 'contribution', e.contribution)
        ORDER BY abs(e.contribution) DESC, s.id), '[]') AS grounds
    FROM recommendation_evidence AS e
    JOIN signals AS s ON s.id = e.signal_id
    LEFT JOIN documents ON documents.id = s.document_id
    WHERE e.recommendation_id = r.id
) AS reasons
WHERE r.generated_at > :since AND r.generated_at <= :now AND r.mode <> 'informational' AND r.thesis_note IS NULL
ORDER BY r.generated_at, r.id
LIMIT :most;

-- name: save
-- Keep what came of asking for other words for a thesis, once; by primary key.
UPDATE recommendations SET thesis_llm = :thesis, thesis_note = :note WHERE id = :id AND thesis_note IS NULL;
