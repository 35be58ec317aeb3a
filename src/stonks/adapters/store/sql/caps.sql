-- name: lock
-- Wait until nobody else claims an entry of an account; held to the end of the transaction. A statement of its own: what is
-- read in the same one is as it was before the wait.
SELECT pg_advisory_xact_lock(hashtext('stonks:caps:' || :account::text)) IS NULL;

-- name: spent
-- What the entries claimed since an instant cost, or would where they still work, in dollars; by order_events_sent and primary
-- keys.
SELECT coalesce(sum(
    CASE WHEN o.status IN ('filled', 'canceled', 'expired', 'rejected', 'replaced') THEN o.filled_quantity ELSE o.quantity END
    * coalesce(o.average_price, o.limit_price, o.decided_price, (d.sizing ->> 'price')::numeric, 0)
), 0)
FROM order_events AS e
JOIN orders AS o ON o.id = e.order_id
LEFT JOIN trading_decisions AS d ON d.id = o.decision_id
WHERE e.kind = 'claimed' AND e.at > :since AND o.account = :account AND NOT o.reduce_only;
