-- name: order
-- One order with its sector and the price it was decided at, its row locked until the transaction ends; by primary keys.
SELECT o.id, o.decision_id, o.account, o.leg, o.attempt, o.client_order_id, o.ticker, o.side, o.type, o.quantity,
       o.limit_price, o.stop_price, o.time_in_force, o.reduce_only, o.source, o.cause, o.status, o.previous_status,
       o.broker_order_id, o.filled_quantity, o.average_price, o.version, o.cancel_requested,
       (SELECT sector FROM companies AS c WHERE c.ticker = o.ticker) AS sector,
       coalesce(
           o.decided_price::float8,
           (SELECT (sizing ->> 'price')::float8 FROM trading_decisions AS d WHERE d.id = o.decision_id)
       ) AS decided_price
FROM orders AS o WHERE o.id = :id FOR UPDATE OF o;

-- name: named
-- Which orders of an account have these client ids; by the unique key on them.
SELECT id, client_order_id FROM orders WHERE account = :account AND client_order_id = ANY (:client_order_ids::text[]);

-- name: swept
-- Which orders of an account have these client ids, apart from somebody else's, whether each works, and what its fills add up
-- to; by the unique key of client ids and fills_order.
SELECT o.id, o.client_order_id,
       o.status NOT IN
           ('initialized', 'submitting', 'denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced') AS works,
       coalesce((SELECT sum(f.quantity) FROM fills AS f WHERE f.order_id = o.id), 0) AS shares
FROM orders AS o
WHERE o.account = :account AND o.client_order_id = ANY (:client_order_ids::text[]) AND o.source <> 'external'
ORDER BY o.client_order_id;

-- name: add_event
-- Keep what happened to an order, once; no row for a repeat; by the unique key of order_events.
INSERT INTO order_events (order_id, seq, kind, dedupe_key, source, at, detail)
SELECT :order_id, coalesce(max(seq), 0) + 1, :kind, :dedupe_key, :source, :at, :detail
FROM order_events WHERE order_id = :order_id
ON CONFLICT (order_id, dedupe_key) DO NOTHING;

-- name: move_order
-- Keep where an order stands now; by primary key.
UPDATE orders
SET status = :status, previous_status = :previous_status, filled_quantity = :filled_quantity,
    average_price = :average_price, version = :version, updated_at = :now,
    broker_order_id = coalesce(:broker_order_id, broker_order_id), status_reason = coalesce(:reason, status_reason)
WHERE id = :id;

-- name: send_again
-- Note that an order is about to be sent once more; no row where it has ended meanwhile; by primary key.
UPDATE orders SET updated_at = :now WHERE id = :id AND status = 'submitting' RETURNING true;

-- name: evaluate
-- Keep the risk verdict on an order, once; by primary key.
INSERT INTO risk_evaluations (id, subject_kind, subject_id, verdict, checks, clamps, policy_version, evaluated_at)
VALUES (:id, 'order', :order_id, :verdict, :checks, '[]', :policy_version, :now)
ON CONFLICT (id) DO NOTHING;

-- name: positions
-- What an account holds, by ticker; by primary key.
SELECT ticker, quantity, average_price, realized, opened_at FROM positions
WHERE account = :account AND quantity <> 0 ORDER BY ticker;

-- name: watch
-- Where the account's cursor, day, marks and newest snapshot stand, how many orders work, whether one has stood still before it
-- was at the broker, and whether a dividend or split may be due; one row; by primary keys, orders_open and
-- corporate_actions_ex_date.
SELECT kept.execution_cursor, kept.day, kept.day_start_equity, kept.high_water_mark,
       snapshot.as_of AS counted_at, snapshot.equity, snapshot.units, snapshot.transferred,
       (
           SELECT count(*) FROM orders AS o WHERE o.account = asked.account
             AND o.status NOT IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced')
       )::int AS working,
       EXISTS (
           SELECT FROM orders AS o WHERE o.account = asked.account
             AND o.status IN ('initialized', 'submitting') AND o.updated_at <= :now::timestamptz - interval '1 minute'
       ) AS standing,
       EXISTS (
           SELECT FROM known_actions AS a JOIN positions AS p ON p.account = asked.account AND p.ticker = a.ticker
           WHERE a.known_at <= :now
             AND a.ex_date BETWEEN (:now AT TIME ZONE 'America/New_York')::date - 30
                               AND (:now AT TIME ZONE 'America/New_York')::date
             AND NOT EXISTS (
                 SELECT FROM position_adjustments AS done
                 WHERE done.account = asked.account AND done.ticker = a.ticker AND done.ex_date = a.ex_date
                   AND done.kind = a.type
             )
       ) AS adjusting
FROM (SELECT :account::text AS account) AS asked
LEFT JOIN trading_state AS kept ON kept.account = asked.account
LEFT JOIN LATERAL (
    SELECT as_of, equity, units, transferred FROM portfolio_snapshots WHERE account = asked.account ORDER BY as_of DESC LIMIT 1
) AS snapshot ON true;

-- name: advance
-- Move the cursor over executions on from where it was seen, once; no row where another poll was first; by primary key.
INSERT INTO trading_state (account, state, execution_cursor, changed_at)
VALUES (:account, 'active', :cursor, :now)
ON CONFLICT (account) DO UPDATE SET execution_cursor = EXCLUDED.execution_cursor
WHERE trading_state.execution_cursor IS NOT DISTINCT FROM :seen::text;

-- name: add_fill
-- Keep an execution, once; no row for a repeat; by the unique key of fills.
INSERT INTO fills (id, order_id, account, execution_id, ticker, side, quantity, price, fee, at)
VALUES (:id, :order_id, :account, :execution_id, :ticker, :side, :quantity, :price, :fee, :at)
ON CONFLICT (account, execution_id) DO NOTHING;

-- name: fills
-- Every execution of some tickers, as they happened; by fills_ticker.
SELECT id, order_id, execution_id, ticker, side, quantity, price, fee, at FROM fills
WHERE account = :account AND ticker = ANY (:tickers::text[]) ORDER BY at, execution_id;

-- name: set_positions
-- Keep positions as the fold of their fills; by primary key.
INSERT INTO positions (account, ticker, quantity, average_price, realized, opened_at, updated_at)
SELECT :account, ticker, quantity, average_price, realized, opened_at, :now
FROM jsonb_to_recordset(:positions) AS new (ticker text, quantity numeric, average_price numeric, realized numeric,
    opened_at timestamptz)
ON CONFLICT (account, ticker) DO UPDATE SET quantity = EXCLUDED.quantity, average_price = EXCLUDED.average_price,
    realized = EXCLUDED.realized, opened_at = EXCLUDED.opened_at, updated_at = EXCLUDED.updated_at;

-- name: add_snapshot
-- Keep what the account is worth at an instant; counted again it is the same row; by primary key.
INSERT INTO portfolio_snapshots (account, as_of, cash, gross, net, equity, high_water_mark, units, transferred)
VALUES (:account, :as_of, :cash, :gross, :net, :equity, :high_water_mark, :units, :transferred)
ON CONFLICT (account, as_of) DO UPDATE SET cash = EXCLUDED.cash, gross = EXCLUDED.gross, net = EXCLUDED.net,
    equity = EXCLUDED.equity, high_water_mark = EXCLUDED.high_water_mark, units = EXCLUDED.units,
    transferred = EXCLUDED.transferred;

-- name: set_marks
-- Keep the day that losses are measured in, the account's best, and up to which execution it was counted; no row where the
-- marks are others than those counted with; by primary key.
INSERT INTO trading_state (account, state, day, day_start_equity, high_water_mark, counted_cursor, changed_at)
VALUES (:account, 'active', :day, :day_start_equity, :high_water_mark, :cursor, :now)
ON CONFLICT (account) DO UPDATE SET day = EXCLUDED.day, day_start_equity = EXCLUDED.day_start_equity,
    high_water_mark = EXCLUDED.high_water_mark, counted_cursor = EXCLUDED.counted_cursor
WHERE trading_state.day_start_equity IS NOT DISTINCT FROM :seen_start::numeric
  AND trading_state.high_water_mark IS NOT DISTINCT FROM :seen_best::numeric;

-- name: breakers
-- Every breaker, open or closed; scans breakers, which are few.
SELECT scope, kind, state, observed, limit_ AS "limit", opened_at, reason, opener, inputs, changed_at, since, calm_since
FROM breakers ORDER BY scope, kind;

-- name: set_breaker
-- Keep what a breaker stands at; by primary key.
INSERT INTO breakers (scope, kind, state, observed, limit_, opened_at, reason, opener, inputs, changed_at, since, calm_since)
VALUES (:scope, :kind, :state, :observed, :limit, :opened_at, :reason, :opener, :inputs, :changed_at, :since, :calm_since)
ON CONFLICT (scope, kind) DO UPDATE SET state = EXCLUDED.state, observed = EXCLUDED.observed, limit_ = EXCLUDED.limit_,
    opened_at = EXCLUDED.opened_at, reason = EXCLUDED.reason, opener = EXCLUDED.opener, inputs = EXCLUDED.inputs,
    changed_at = EXCLUDED.changed_at, since = EXCLUDED.since, calm_since = EXCLUDED.calm_since, reset_by = NULL;
