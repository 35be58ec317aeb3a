-- name: subject
-- What a range of ids holds among recommendations, decisions and orders, two at most of each; their primary keys.
(SELECT 'recommendation' AS kind, id FROM recommendations WHERE id BETWEEN :low AND :high LIMIT 2)
UNION ALL (SELECT 'decision', id FROM trading_decisions WHERE id BETWEEN :low AND :high LIMIT 2)
UNION ALL (SELECT 'order', id FROM orders WHERE id BETWEEN :low AND :high LIMIT 2);

-- name: by_hand
-- The verdict by which an order by hand was placed, or the one it protects, and why it was asked for; primary key of orders,
-- risk_evaluations_order; the audit whole.
SELECT e.id AS evaluation_id, a.reason FROM orders AS o
JOIN risk_evaluations AS e ON e.order_id = coalesce(o.parent_id, o.id) AND e.subject_kind = 'request'
LEFT JOIN audit AS a ON a.object = e.order_id::text AND a.action LIKE 'order.%' AND a.at = e.evaluated_at
WHERE o.id = :id LIMIT 1;

-- name: reasons
-- A recommendation's evidence down to the document, in the order of weight; primary and unique keys throughout.
SELECT e.signal_id, e.side, e.contribution, e.weight_share,
       via.origin_signal_id, origin.ticker AS origin_ticker, via.relation, via.hops, via.path,
       via.lag_expected_days, via.pattern,
       g.id AS event_id, g.type AS event_type, g.summary AS event_summary, g.severity AS event_severity,
       g.surprise AS event_surprise, g.confidence AS event_confidence, m.impact AS event_impact, m.terms AS event_terms,
       m.size AS event_size, m.coverage AS event_coverage, m.missing AS event_missing,
       coalesce(i.extractor_version, g.extractor_version) AS extractor_version,
       coalesce(i.model, g.model) AS model, coalesce(i.prompt_version, g.prompt_version) AS prompt_version,
       coalesce(i.summary, g.summary) AS summary, coalesce(i.degraded, g.degraded) AS degraded,
       c.id AS call_id, c.outcome AS call_outcome, c.verdicts AS call_verdicts, c.milliseconds AS call_milliseconds,
       d.id AS document_id, d.title, d.publisher, d.document_type, d.url, d.published_at, d.known_at, d.raw_sha256,
       d.normalized_sha256, coalesce(said.evidence, g.evidence, '[]') AS quotes
FROM recommendation_evidence AS e
JOIN signals AS s ON s.id = e.signal_id
LEFT JOIN competitive_signal_records AS via ON via.signal_id = s.id
LEFT JOIN signals AS origin ON origin.id = via.origin_signal_id
LEFT JOIN global_events AS g ON g.id = coalesce(origin.origin_id, s.origin_id)
LEFT JOIN macro_impact_records AS m ON m.event_id = g.id AND m.ticker = s.ticker
LEFT JOIN documents AS d ON d.id = coalesce(origin.document_id, s.document_id, g.document_id)
LEFT JOIN document_intelligence AS i
    ON i.document_id = d.id AND i.extractor_version = coalesce(origin.extractor_version, s.extractor_version)
LEFT JOIN llm_calls AS c ON c.id = coalesce(i.call_id, g.call_id)
LEFT JOIN document_impact_records AS said
    ON said.intelligence_id = i.id AND said.ticker = coalesce(origin.ticker, s.ticker)
WHERE e.recommendation_id = :id
ORDER BY abs(e.contribution) DESC, e.signal_id;

-- name: timeline
-- Events and fills of these orders, oldest first; order_events by key, fills_order.
SELECT at, what, detail, ref
FROM (
    SELECT e.at, o.created_at, e.seq, 'order ' || e.kind AS what,
           o.leg || ' ' || o.side || ' ' || o.quantity || ' ' || o.ticker AS detail, o.id::text AS ref
    FROM orders AS o JOIN order_events AS e ON e.order_id = o.id
    WHERE o.id = ANY (:orders::uuid[]) AND e.kind <> 'fill'
    UNION ALL
    SELECT f.at, o.created_at, 1000000, 'filled', f.side || ' ' || f.quantity || ' at ' || f.price, o.id::text
    FROM fills AS f JOIN orders AS o ON o.id = f.order_id WHERE f.order_id = ANY (:orders::uuid[])
) AS steps
ORDER BY at, created_at, ref, seq;
