-- name: page
-- Recommendations with what became of them, newest first: by recommendations_generated, recommendations_ticker, or by id.
SELECT r.id, r.ticker, c.name AS company, r.window_name AS "window", r.action, r.mode, r.probability, r.probability_low,
       r.probability_high, r.confidence, r.expected_return, r.contradiction, r.price::text AS price, r.suppressions, r.generated_at,
       d.id AS decision_id, d.verdict, d.primary_reason, o.id AS order_id, o.status AS order_status
FROM recommendations AS r
JOIN companies AS c ON c.ticker = r.ticker
LEFT JOIN trading_decisions AS d ON d.recommendation_id = r.id AND d.account = :account
LEFT JOIN LATERAL (
    SELECT id, status FROM orders WHERE decision_id = d.id ORDER BY created_at, attempt DESC, id LIMIT 1
) AS o ON true
WHERE r.generated_at <= :before_at AND (r.generated_at < :before_at OR r.id > :after_id)
  AND (:ticker::text IS NULL OR r.ticker = :ticker)
  AND (:action::text IS NULL OR r.action = :action)
  AND (:mode::text IS NULL OR r.mode = :mode)
  AND (:window::text IS NULL OR r.window_name = :window)
  AND (:suppressed::boolean IS NULL OR (jsonb_array_length(r.suppressions) > 0) = :suppressed)
  AND (:suppression::text IS NULL OR r.suppressions @> jsonb_build_array(jsonb_build_object('code', :suppression::text)))
  AND (:verdict::text IS NULL OR d.verdict = :verdict)
ORDER BY r.generated_at DESC, r.id
LIMIT :limit;

-- name: body
-- All that one recommendation says; primary key.
SELECT r.id, r.ticker, c.name AS company, r.window_name AS "window", r.trend_id, r.action, r.mode, r.probability,
       r.probability_low, r.probability_high, r.confidence, r.expected_return, r.volatility, r.cost,
       r.price::text AS price,
       r.contradiction, r.thesis_template, r.thesis_llm, r.suppressions, r.generated_at, r.input_hash
FROM recommendations AS r JOIN companies AS c ON c.ticker = r.ticker
WHERE r.id = :id;

-- name: neighbours
-- The recommendations before and after one for its ticker and window; recommendations_ticker.
SELECT (SELECT p.id FROM recommendations AS p
        WHERE p.ticker = r.ticker AND p.window_name = r.window_name AND p.generated_at < r.generated_at
        ORDER BY p.generated_at DESC, p.id LIMIT 1) AS previous_id,
       (SELECT n.id FROM recommendations AS n
        WHERE n.ticker = r.ticker AND n.window_name = r.window_name AND n.generated_at > r.generated_at
        ORDER BY n.generated_at, n.id LIMIT 1) AS next_id
FROM recommendations AS r WHERE r.id = :id;

-- name: search
-- Recommendations on a ticker, newest first; recommendations_ticker.
SELECT id, ticker, window_name AS "window", action, generated_at FROM recommendations
WHERE ticker = :ticker ORDER BY generated_at DESC, id LIMIT :limit;
