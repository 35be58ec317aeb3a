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
-- Signed shares by ticker, only where there are some, now or right before an instant; by exchange_executions_account and the
-- unique key of exchange_adjustments.
SELECT ticker, sum(change) AS quantity
FROM (
    SELECT ticker, CASE side WHEN 'buy' THEN quantity ELSE -quantity END AS change
    FROM exchange_executions WHERE account = :account AND (:before::timestamptz IS NULL OR at < :before)
    UNION ALL
    SELECT ticker, quantity_after - quantity_before FROM exchange_adjustments
    WHERE account = :account
      AND (:before::timestamptz IS NULL OR ex_date::timestamp AT TIME ZONE 'America/New_York' < :before)
) AS changes
GROUP BY ticker HAVING sum(change) <> 0
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
                             kind, reserved, replaces, parent, held, trail_price, trail_percent, peak, accepted_at,
                             matched_at)
VALUES (:client_order_id, :account, :ticker, :side, :type, :quantity, :limit_price, :stop_price, :time_in_force,
        'accepted', :reserved, :replaces, :parent, :held, :trail_price, :trail_percent, :peak, :now, :now)
ON CONFLICT (client_order_id) DO NOTHING;

-- name: save_orders
-- Keep what became of orders; by primary key.
UPDATE exchange_orders AS kept
SET kind = new.kind, reason = new.reason, filled_quantity = new.filled_quantity, triggered = new.triggered,
    reserved = new.reserved, matched_at = new.matched_at, ended_at = new.ended_at, replaced_by = new.replaced_by,
    quantity = new.quantity, parent = new.parent, held = new.held, peak = new.peak
FROM jsonb_to_recordset(:orders) AS new (client_order_id text, kind text, reason text, filled_quantity numeric,
    triggered boolean, reserved numeric, matched_at timestamptz, ended_at timestamptz, replaced_by text,
    quantity numeric, parent text, held boolean, peak numeric)
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

-- name: placed
-- Where an activity stands among all, by its number; no row for one that is not there; by exchange_executions_account and
-- the unique key of exchange_adjustments.
SELECT at, seq FROM exchange_activities WHERE account = :account AND md5(name)::uuid = :number;

-- name: activities
-- What happened in an account, a page of it; by exchange_executions_account and the unique key of exchange_adjustments.
SELECT kind, name, at, ticker, quantity, price, cash, side, client_order_id, ordered, filled
FROM exchange_activities
WHERE account = :account AND kind = ANY (:kinds::text[])
  AND (:after::timestamptz IS NULL OR at > :after)
  AND (:until::timestamptz IS NULL OR at < :until)
  AND (:behind_at::timestamptz IS NULL
       OR CASE WHEN :oldest_first THEN (at, seq) > (:behind_at, :behind_seq::bigint)
               ELSE (at, seq) < (:behind_at, :behind_seq::bigint) END)
ORDER BY CASE WHEN :oldest_first THEN at END, CASE WHEN :oldest_first THEN seq END,
         CASE WHEN NOT :oldest_first THEN at END DESC, CASE WHEN NOT :oldest_first THEN seq END DESC
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

-- name: due_actions
-- Dividends and splits of a month, known and not yet in the exchange's books of an account that has traded or is about to
-- trade their ticker, the newest word on each; by corporate_actions_ex_date, calendar_events_day, exchange_executions_ticker,
-- exchange_orders_open and the unique key of exchange_adjustments. The close before is the market's to say.
SELECT DISTINCT ON (a.ex_date, a.ticker, a.type) a.ticker, a.type, a.ex_date, a.ratio, a.cash, a.known_at, a.source,
       NULL::numeric AS close
FROM known_actions AS a
WHERE a.known_at <= :now
  AND a.ex_date BETWEEN (:now AT TIME ZONE 'America/New_York')::date - 30 AND (:now AT TIME ZONE 'America/New_York')::date
  AND (
      EXISTS (SELECT FROM exchange_executions AS e WHERE e.account = :account AND e.ticker = a.ticker)
      OR EXISTS (SELECT FROM exchange_orders AS o WHERE o.account = :account AND o.ticker = a.ticker AND o.ended_at IS NULL)
  )
  AND NOT EXISTS (
      SELECT FROM exchange_adjustments AS done
      WHERE done.account = :account AND done.ticker = a.ticker AND done.ex_date = a.ex_date AND done.kind = a.type
  )
ORDER BY a.ex_date, a.ticker, a.type, a.known_at DESC;

-- name: adjust
-- Keep what a dividend or split did, once; no row for a repeat; by the unique key of exchange_adjustments.
INSERT INTO exchange_adjustments (account, ticker, ex_date, kind, ratio, price, quantity_before, quantity_after, cash,
                                  known_at, source)
VALUES (:account, :ticker, :ex_date, :kind, :ratio, :price, :quantity_before, :quantity_after, :cash, :known_at, :source)
ON CONFLICT (account, ticker, ex_date, kind) DO NOTHING;

-- name: adjustments
-- What dividends and splits did that took effect by an instant, as they did; by the unique key of exchange_adjustments.
SELECT ticker, kind, ex_date, ratio, price, quantity_before, quantity_after, cash, known_at, source
FROM exchange_adjustments
WHERE account = :account AND ex_date::timestamp AT TIME ZONE 'America/New_York' <= :now
ORDER BY ex_date, seq;
