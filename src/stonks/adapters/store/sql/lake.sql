-- name: lock
-- Let nobody else publish this day of this table until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('lake:' || :table::text || ':' || :day::date::text, 0));

-- name: published
-- Note which file holds a day of a table; by primary key.
INSERT INTO lake_batches (table_name, day, object_key, rows, bytes, published_at)
VALUES (:table, :day, :object_key, :rows, :bytes, :now)
ON CONFLICT (table_name, day) DO UPDATE SET
    object_key = EXCLUDED.object_key, rows = EXCLUDED.rows, bytes = EXCLUDED.bytes,
    published_at = EXCLUDED.published_at;

-- name: documents
-- Documents that became known in a span, as facts, by documents_known_at.
SELECT id::text, source, external_id, revision, action, document_type, publisher, url, title, published_at, known_at,
       content_hash, story_cluster_id::text, quality, language, status, status_reason
FROM documents WHERE known_at >= :start AND known_at < :end ORDER BY known_at, id;

-- name: extractions
-- What was read of companies in a span, as facts: a scan of the day's extractions.
SELECT impact.id::text, impact.document_id::text, read.extractor_version, read.kind, read.degraded, read.verified_ratio,
       impact.ticker, impact.direction, impact.strength, impact.confidence, impact.event_types, impact.horizon,
       impact.relevance, impact.novelty, impact.known_at
FROM document_impact_records AS impact
JOIN document_intelligence AS read ON read.id = impact.intelligence_id
WHERE impact.known_at >= :start AND impact.known_at < :end ORDER BY impact.known_at, impact.id;

-- name: signals
-- Signals that became known in a span, as facts: a scan, since signals are looked up by ticker.
SELECT id::text, ticker, layer, source, cluster_id::text, document_id::text, origin_id::text, event_type, direction,
       strength, confidence, credibility, novelty, quality, relevance, half_life, event_at, known_at, extractor_version
FROM signals WHERE known_at >= :start AND known_at < :end ORDER BY known_at, id;

-- name: events
-- Macro events that became known in a span, as facts, by global_events_known_at.
SELECT id::text, document_id::text, type, stage, regions, severity, surprise, direction, duration, confidence, summary,
       known_at, extractor_version
FROM global_events WHERE known_at >= :start AND known_at < :end ORDER BY known_at, id;

-- name: trends
-- Versions of trends computed for a span, as facts: a scan, since trends are looked up by ticker.
SELECT id::text, ticker, window_name AS "window", as_of, score, direction, strength, confidence, p_sign, contradiction,
       contradiction_entropy, n_eff, weight, (layer_scores ->> 'company')::float8 AS company_score,
       (layer_scores ->> 'macro')::float8 AS macro_score,
       (layer_scores ->> 'competitive')::float8 AS competitive_score, momentum, acceleration, suppressions,
       source_share, newest_known_at, weights_version, input_hash
FROM trend_history WHERE as_of >= :start AND as_of < :end ORDER BY as_of, id;

-- name: recommendations
-- Recommendations made in a span, as facts, by recommendations_generated.
SELECT id::text, ticker, window_name AS "window", trend_id::text, action, mode, probability, probability_low,
       probability_high, confidence, expected_return, volatility, cost, price, contradiction,
       ARRAY(SELECT reason ->> 'code' FROM jsonb_array_elements(suppressions) AS reason) AS suppressions,
       coalesce(thesis_llm, thesis_template) AS thesis, generated_at, input_hash
FROM recommendations WHERE generated_at >= :start AND generated_at < :end ORDER BY generated_at, id;

-- name: decisions
-- Trading decisions taken in a span, as facts, by trading_decisions_decided.
SELECT id::text, account, recommendation_id::text, ticker, verdict, primary_reason,
       ARRAY(SELECT one ->> 'code' FROM jsonb_array_elements(checks) AS one WHERE NOT (one ->> 'passed')::boolean)
           AS failed_gates,
       quantity, policy_version, decided_at
FROM trading_decisions WHERE decided_at >= :start AND decided_at < :end ORDER BY decided_at, id;

-- name: orders
-- Orders created in a span as they stand, as facts, by orders_created; a mean price is rounded to the lake's digits.
SELECT id::text, decision_id::text, account, leg, attempt, client_order_id, ticker, side, type, quantity, limit_price,
       stop_price, status, status_reason, filled_quantity, round(average_price, 12) AS average_price, created_at,
       updated_at
FROM orders WHERE created_at >= :start AND created_at < :end ORDER BY created_at, id;

-- name: fills
-- Executions of a span, as facts: a scan, since fills are looked up by ticker.
SELECT id::text, order_id::text, account, execution_id, ticker, side, quantity, price, fee, at
FROM fills WHERE at >= :start AND at < :end ORDER BY at, id;

-- name: positions
-- What all fills up to the end of a span add up to, as facts of the day it starts on, by fills_ticker.
SELECT (:start::timestamptz AT TIME ZONE 'UTC')::date AS day, account, ticker,
       sum(CASE side WHEN 'buy' THEN quantity ELSE -quantity END) AS quantity,
       sum(CASE side WHEN 'buy' THEN -quantity ELSE quantity END * price - fee) AS cash,
       sum(fee) AS fees, count(*) AS fills, max(at) AS last_fill_at
FROM fills WHERE at < :end GROUP BY account, ticker ORDER BY account, ticker;
