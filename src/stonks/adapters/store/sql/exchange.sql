-- name: open_account
-- Open an account with its first cash; one that stands is left as it is; by primary key.
INSERT INTO exchange_accounts (account, cash) VALUES (:account, :cash) ON CONFLICT (account) DO NOTHING;

-- name: lock
-- The account's cash, its row locked until the transaction ends; by primary key.
SELECT cash FROM exchange_accounts WHERE account = :account FOR UPDATE;

-- name: cash
-- The account's cash; by primary key.
SELECT cash FROM exchange_accounts WHERE account = :account;

-- name: set_cash
-- Set the account's cash; by primary key.
UPDATE exchange_accounts SET cash = :cash WHERE account = :account;

-- name: holdings
-- Signed shares by ticker, only where there are some; by exchange_executions_account.
SELECT ticker, sum(CASE side WHEN 'buy' THEN quantity ELSE -quantity END) AS quantity
FROM exchange_executions WHERE account = :account
GROUP BY ticker HAVING sum(CASE side WHEN 'buy' THEN quantity ELSE -quantity END) <> 0
ORDER BY ticker;

-- name: open_orders
-- Orders on the book, in the order they were accepted; by exchange_orders_open.
SELECT * FROM exchange_orders WHERE account = :account AND ended_at IS NULL ORDER BY seq;

-- name: orders
-- Orders on the book or ended since an instant, in the order they were accepted; by both indexes of an account's orders.
SELECT * FROM exchange_orders WHERE account = :account AND (ended_at IS NULL OR ended_at >= :since) ORDER BY seq;

-- name: order
-- The order under a client's id; by primary key.
SELECT * FROM exchange_orders WHERE client_order_id = :client_order_id AND account = :account;

-- name: accept
-- Put an order on the book under its client's id, once; by primary key.
INSERT INTO exchange_orders (client_order_id, account, ticker, side, type, quantity, limit_price, stop_price, time_in_force,
                             kind, reserved, replaces, parent, held, accepted_at, matched_at)
VALUES (:client_order_id, :account, :ticker, :side, :type, :quantity, :limit_price, :stop_price, :time_in_force,
        'accepted', :reserved, :replaces, :parent, :held, :now, :now)
ON CONFLICT (client_order_id) DO NOTHING;

-- name: save_orders
-- Keep what became of orders; by primary key.
UPDATE exchange_orders AS kept
SET kind = new.kind, reason = new.reason, filled_quantity = new.filled_quantity, triggered = new.triggered,
    reserved = new.reserved, matched_at = new.matched_at, ended_at = new.ended_at, replaced_by = new.replaced_by,
    quantity = new.quantity, parent = new.parent, held = new.held
FROM jsonb_to_recordset(:orders) AS new (client_order_id text, kind text, reason text, filled_quantity numeric,
    triggered boolean, reserved numeric, matched_at timestamptz, ended_at timestamptz, replaced_by text,
    quantity numeric, parent text, held boolean)
WHERE kept.client_order_id = new.client_order_id;

-- name: save_trades
-- Keep executions in the order they happened; by primary key.
INSERT INTO exchange_executions (execution_id, account, client_order_id, ticker, side, quantity, price, fee, at)
SELECT execution_id, :account, client_order_id, ticker, side, quantity, price, fee, at
FROM ROWS FROM (jsonb_to_recordset(:trades) AS (execution_id text, client_order_id text, ticker text, side text,
    quantity numeric, price numeric, fee numeric, at timestamptz)) WITH ORDINALITY
    AS trade (execution_id, client_order_id, ticker, side, quantity, price, fee, at, place)
ORDER BY place;

-- name: executions
-- An account's executions after one of them, or all, up to an instant, as they happened; by exchange_executions_account.
SELECT execution_id, client_order_id, ticker, side, quantity, price, fee, at
FROM exchange_executions
WHERE account = :account AND at <= :now
  AND seq > coalesce((SELECT seq FROM exchange_executions WHERE execution_id = :after::text), 0)
ORDER BY seq;

-- name: trades_since
-- An account's executions of some tickers since an instant, as they happened; by exchange_executions_account.
SELECT execution_id, client_order_id, ticker, side, quantity, price, fee, at
FROM exchange_executions
WHERE account = :account AND ticker = ANY (:tickers::text[]) AND at >= :since
ORDER BY seq;

-- name: listed
-- Orders with what their shares cost on average, by client's id, by number, as legs, or as a list that is asked for; by the
-- primary key, exchange_orders_number, exchange_orders_legs, or both indexes of an account's orders, and exchange_executions_order.
SELECT kept.*, traded.average_price, traded.filled_at
FROM exchange_orders AS kept
LEFT JOIN LATERAL (
    SELECT sum(quantity * price) / sum(quantity) AS average_price, max(at) AS filled_at
    FROM exchange_executions WHERE client_order_id = kept.client_order_id
) AS traded ON true
WHERE kept.account = :account
  AND (:client_order_id::text IS NULL OR kept.client_order_id = :client_order_id)
  AND (:parents::text[] IS NULL OR kept.parent = ANY (:parents))
  AND (:number::uuid IS NULL OR md5(kept.client_order_id)::uuid = :number)
  AND (:open::boolean IS NULL OR (kept.ended_at IS NULL) = :open)
  AND (:after::timestamptz IS NULL OR kept.accepted_at > :after)
  AND (:until::timestamptz IS NULL OR kept.accepted_at < :until)
  AND (:tickers::text[] IS NULL OR kept.ticker = ANY (:tickers))
  AND (:side::text IS NULL OR kept.side = :side)
ORDER BY CASE WHEN :oldest_first THEN kept.seq ELSE -kept.seq END
LIMIT :most;

-- name: order_trades
-- What an order has traded, as it happened; by exchange_executions_order.
SELECT execution_id, client_order_id, ticker, side, quantity, price, fee, at
FROM exchange_executions
WHERE account = :account AND client_order_id = :client_order_id
ORDER BY seq;

-- name: place
-- Where an execution stands among all, by its number; NULL for one that is not there; by exchange_executions_account.
SELECT seq FROM exchange_executions WHERE account = :account AND md5(execution_id)::uuid = :number;

-- name: activities
-- An account's executions with what their orders were for and had traded by then, a page of them; by
-- exchange_executions_account.
SELECT execution_id, client_order_id, ticker, side, quantity, price, fee, at, ordered, filled
FROM (
    SELECT traded.*, kept.quantity AS ordered,
           sum(traded.quantity) OVER (PARTITION BY traded.client_order_id ORDER BY traded.seq) AS filled
    FROM exchange_executions AS traded JOIN exchange_orders AS kept USING (client_order_id)
    WHERE traded.account = :account
) AS activity
WHERE (:after::timestamptz IS NULL OR at > :after)
  AND (:until::timestamptz IS NULL OR at < :until)
  AND (:place::bigint IS NULL OR CASE WHEN :oldest_first THEN seq > :place ELSE seq < :place END)
ORDER BY CASE WHEN :oldest_first THEN seq ELSE -seq END
LIMIT :most;

-- name: latest
-- The last instant that an account's orders have met, or NULL; by both indexes of an account's orders.
SELECT max(matched_at) FROM exchange_orders WHERE account = :account;

-- name: feed_bar
-- The daily bar of a ticker that begins on a day of New York; by bar_versions_newest.
SELECT * FROM bars
WHERE ticker = :ticker AND resolution = '1d'
  AND starts_at >= :day::date::timestamp AT TIME ZONE 'America/New_York'
  AND starts_at < (:day::date + 1)::timestamp AT TIME ZONE 'America/New_York';

-- name: feed_bars
-- The daily bars of a ticker that start in a span and are known at its end, oldest first; by bar_versions_newest.
SELECT * FROM bars
WHERE ticker = :ticker AND resolution = '1d' AND starts_at > :after AND starts_at <= :until AND known_at <= :until
ORDER BY starts_at;
