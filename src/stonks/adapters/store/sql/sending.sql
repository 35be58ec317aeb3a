-- name: habits
-- The median of the account's newest fifty entries in dollars, and how many it sent lately, one order aside; by orders_created.
WITH entries AS (
    SELECT o.quantity * coalesce(o.limit_price, o.decided_price, (d.sizing ->> 'price')::numeric) AS dollars, o.status,
           (SELECT e.at FROM order_events AS e WHERE e.order_id = o.id AND e.kind = 'claimed' ORDER BY e.seq LIMIT 1) AS sent_at
    FROM orders AS o LEFT JOIN trading_decisions AS d ON d.id = o.decision_id
    WHERE o.account = :account AND o.leg = 'entry' AND o.source <> 'external' AND o.id <> :order_id
      AND o.created_at <= :now
    ORDER BY o.created_at DESC, o.id
    LIMIT 500
), newest AS (
    SELECT dollars FROM entries WHERE dollars IS NOT NULL LIMIT 50
)
SELECT (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY dollars::float8) FROM newest) AS median,
       (SELECT count(*) FROM newest)::int AS orders,
       (SELECT count(*) FROM entries WHERE sent_at > :now - interval '1 minute')::int AS last_minute,
       (SELECT count(*) FROM entries WHERE sent_at > :now - interval '1 day')::int AS last_day

-- name: cursor
-- Up to which execution the account's books are; by primary key.
SELECT execution_cursor FROM trading_state WHERE account = :account
