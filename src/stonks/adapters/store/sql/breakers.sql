-- name: due
-- Whether something was executed or refused since the account was counted, and whether a breaker waits to close; one row; by
-- primary keys and order_events_sent.
SELECT kept.execution_cursor IS DISTINCT FROM kept.counted_cursor AS uncounted,
       EXISTS (
           SELECT FROM order_events AS e JOIN orders AS o ON o.id = e.order_id
           WHERE e.kind = 'rejected' AND e.at > :counted_at AND e.at <= :now AND o.account = asked.account
       ) AS refused,
       EXISTS (SELECT FROM breakers WHERE state <> 'closed') AS waiting
FROM (SELECT :account::text AS account) AS asked
LEFT JOIN trading_state AS kept ON kept.account = asked.account;

-- name: fills
-- Every execution of the tickers in which something was sold since an instant, as they happened; by fills_at, fills_ticker.
SELECT id, order_id, execution_id, ticker, side, quantity, price, fee, at FROM fills
WHERE account = :account AND at <= :now
  AND ticker IN (SELECT ticker FROM fills WHERE account = :account AND side = 'sell' AND at > :since)
ORDER BY at, execution_id;

-- name: stops
-- Orders that left a position at its stop since an instant, each at its first execution; by fills_at.
SELECT f.ticker, min(f.at) AS at
FROM fills AS f JOIN orders AS o ON o.id = f.order_id
WHERE f.account = :account AND f.at > :since AND f.at <= :now
  AND (o.leg = 'stop' OR o.cause IN ('stop', 'trailing'))
GROUP BY o.id, f.ticker ORDER BY at, f.ticker;

-- name: sent
-- Orders sent since an instant, how many of them were rejected or left unanswered, and what became of the first entry since a
-- breaker half opened; one row; by order_events_sent and orders_created.
SELECT count(*)::int AS submits, max(e.at) AS newest_at,
       (count(*) FILTER (
           WHERE o.status = 'rejected' OR (o.status = 'submitting' AND e.at <= :unanswered)
       ))::int AS errors,
       (
           SELECT CASE WHEN p.status IN ('initialized', 'submitting') THEN NULL ELSE p.status <> 'rejected' END
           FROM orders AS p
           WHERE p.account = :account AND p.leg = 'entry' AND p.status <> 'denied' AND p.created_at >= :half_opened
           ORDER BY p.created_at, p.id LIMIT 1
       ) AS probe
FROM order_events AS e JOIN orders AS o ON o.id = e.order_id
WHERE e.kind = 'claimed' AND e.at > :since AND e.at <= :now AND o.account = :account;

-- name: answers
-- A model's newest answers about documents since an instant, one that was asked again being one: how many there are, how many
-- did not hold, and how many claims in them do not stand in the text; one row; by llm_calls_agent.
WITH newest AS (
    SELECT outcome, verdicts, called_at FROM llm_calls AS call
    WHERE agent IN ('document-extractor', 'event-classifier') AND called_at > :since AND called_at <= :now
      AND outcome IN ('accept', 'repair', 'reject')
      AND NOT EXISTS (
          SELECT FROM llm_calls AS later
          WHERE later.cache_key = call.cache_key AND later.agent = call.agent AND later.attempt = call.attempt + 1
            AND later.called_at >= call.called_at
      )
    ORDER BY called_at DESC, id LIMIT :answers
), claims AS (
    SELECT (verdict ->> 'passed')::boolean AS passed FROM newest, jsonb_array_elements(verdicts) AS verdict
    WHERE verdict ->> 'check' NOT IN ('nonce', 'json', 'shape', 'answer')
)
SELECT count(*)::int AS answers, (count(*) FILTER (WHERE outcome = 'reject'))::int AS rejected,
       (SELECT count(*) FROM claims)::int AS claims,
       (SELECT count(*) FROM claims WHERE NOT passed)::int AS unverified, max(called_at) AS newest_at
FROM newest;

-- name: worth_at
-- What the account was worth at an instant, or when it was first counted, in dollars and in how many units; no row before that;
-- by primary key.
(SELECT equity, units FROM portfolio_snapshots WHERE account = :account AND as_of <= :at ORDER BY as_of DESC LIMIT 1)
UNION ALL
(SELECT equity, units FROM portfolio_snapshots WHERE account = :account AND as_of > :at ORDER BY as_of LIMIT 1)
LIMIT 1;

-- name: locked
-- Every breaker, open or closed, rows locked until the transaction ends; scans breakers, which are few.
SELECT scope, kind, state, observed, limit_ AS "limit", opened_at, reason, opener, inputs, changed_at, since, calm_since
FROM breakers ORDER BY scope, kind FOR UPDATE;

-- name: one
-- One breaker, its row locked until the transaction ends; by primary key.
SELECT scope, kind, state, observed, limit_ AS "limit", opened_at, reason, opener, inputs, changed_at, since, calm_since
FROM breakers WHERE scope = :scope AND kind = :kind FOR UPDATE;

-- name: reset
-- Close a breaker in a person's name: what happened until now is not measured again; by primary key.
UPDATE breakers SET state = 'closed', changed_at = :now, since = :now, calm_since = NULL, reset_by = :actor
WHERE scope = :scope AND kind = :kind;

-- name: rebase
-- Measure falls from what the account was last counted at: those of the day, those from its best, or both; by primary keys.
UPDATE trading_state AS kept
SET day_start_equity = CASE WHEN :day::boolean THEN newest.equity ELSE kept.day_start_equity END,
    high_water_mark = CASE WHEN :best::boolean THEN newest.equity ELSE kept.high_water_mark END
FROM (SELECT equity FROM portfolio_snapshots WHERE account = :account ORDER BY as_of DESC LIMIT 1) AS newest
WHERE kept.account = :account;

-- name: met_by
-- Every breaker that is not closed as an order meets it: of one that is half open the order is the probe, or another is out
-- already, or it was decided before. Scans breakers, which are few; orders by orders_created.
SELECT b.scope, b.kind, b.state, b.observed, b.limit_ AS "limit", b.opened_at, b.reason, b.changed_at,
       coalesce(o.created_at < b.changed_at, false) OR EXISTS (
           SELECT FROM orders AS other
           WHERE other.leg = 'entry' AND other.status <> 'denied' AND other.created_at >= b.changed_at
             AND (other.created_at, other.id) < (o.created_at, o.id)
             AND (b.scope NOT LIKE 'ticker:%' OR b.scope = 'ticker:' || other.ticker)
       ) AS probing
FROM breakers AS b CROSS JOIN orders AS o
WHERE b.state <> 'closed' AND o.id = :order_id ORDER BY b.scope, b.kind;
