-- name: page
-- Decisions with their recommendation and order, newest first; trading_decisions_decided, or trading_decisions_reason.
SELECT d.id, d.account, d.recommendation_id, d.ticker, c.name AS company, r.window_name AS "window", r.action, d.verdict,
       d.primary_reason, d.quantity::text AS quantity, jsonb_array_length(d.checks) AS gates,
       (SELECT count(*) FROM jsonb_array_elements(d.checks) AS gate WHERE (gate->>'passed')::boolean)::int AS gates_passed,
       d.decided_at, o.id AS order_id, o.status AS order_status
FROM trading_decisions AS d
JOIN recommendations AS r ON r.id = d.recommendation_id
JOIN companies AS c ON c.ticker = d.ticker
LEFT JOIN LATERAL (
    SELECT id, status FROM orders WHERE decision_id = d.id ORDER BY created_at, attempt DESC, id LIMIT 1
) AS o ON true
WHERE d.decided_at <= :before_at AND (d.decided_at < :before_at OR d.id > :after_id)
  AND d.account = :account
  AND (:ticker::text IS NULL OR d.ticker = :ticker)
  AND (:verdict::text IS NULL OR d.verdict = :verdict)
  AND (:reason::text IS NULL OR d.primary_reason = :reason)
ORDER BY d.decided_at DESC, d.id
LIMIT :limit;

-- name: reasons
-- How many decisions of an account ended for which reason, the most frequent first; index-only by trading_decisions_reason.
SELECT verdict, primary_reason, count(*)::int AS decisions FROM trading_decisions
WHERE account = :account GROUP BY verdict, primary_reason ORDER BY decisions DESC, verdict, primary_reason;

-- name: body
-- One decision with every gate: by primary key, or by trading_decisions_recommendation.
SELECT id, account, recommendation_id, ticker, verdict, primary_reason, checks, clamps, sizing, quantity::text AS quantity,
       policy_version, decided_at
FROM trading_decisions
WHERE (:id::uuid IS NULL OR id = :id)
  AND (:recommendation_id::uuid IS NULL OR (recommendation_id = :recommendation_id AND account = :account))
ORDER BY decided_at LIMIT 1;

-- name: evaluation
-- The newest risk verdict on a subject; risk_evaluations_subject.
SELECT id, verdict, checks, clamps, policy_version, evaluated_at FROM risk_evaluations
WHERE subject_kind = :kind AND subject_id = :id ORDER BY evaluated_at DESC, id LIMIT 1;
