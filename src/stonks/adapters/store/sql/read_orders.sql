-- name: page
-- Orders with the recommendation behind them, newest first: by orders_created, orders_decision and orders_parent, or by id.
SELECT o.id, o.decision_id, d.recommendation_id, o.parent_id, o.account, o.leg, o.attempt, o.client_order_id,
       o.broker_order_id, o.ticker, o.side, o.type, o.quantity::text AS quantity,
       o.limit_price::text AS limit_price, o.stop_price::text AS stop_price, o.time_in_force,
       o.reduce_only, o.source, o.status, o.status_reason,
       o.filled_quantity::text AS filled_quantity, o.average_price::text AS average_price, o.created_at, o.updated_at
FROM orders AS o
LEFT JOIN orders AS p ON p.id = o.parent_id
LEFT JOIN trading_decisions AS d ON d.id = coalesce(o.decision_id, p.decision_id)
WHERE o.created_at <= :before_at AND (o.created_at < :before_at OR o.id > :after_id)
  AND (:account::text IS NULL OR o.account = :account)
  AND (:ticker::text IS NULL OR o.ticker = :ticker)
  AND (:status::text IS NULL OR o.status = :status)
  AND (:open::boolean IS NULL
       OR (o.status NOT IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced')) = :open)
  AND (:id::uuid IS NULL OR o.id = :id)
  AND (:decision_id::uuid IS NULL OR o.decision_id = :decision_id OR o.parent_id IN
       (SELECT entry.id FROM orders AS entry WHERE entry.decision_id = :decision_id))
ORDER BY o.created_at DESC, o.id
LIMIT :limit;

-- name: events
-- What happened to an order, oldest first; primary key.
SELECT seq, kind, source, at, detail FROM order_events WHERE order_id = :id ORDER BY seq;

-- name: fills
-- An order's executions, oldest first; fills_order.
SELECT id, execution_id, quantity::text AS quantity, price::text AS price, fee::text AS fee, at FROM fills WHERE order_id = :id ORDER BY at, id;
