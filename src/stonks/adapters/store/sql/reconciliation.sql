-- name: lock
-- Wait until nobody else books or repairs an account; held to the end of the transaction.
SELECT pg_advisory_xact_lock(hashtext('stonks:books:' || :account::text)) IS NULL;

-- name: tallies
-- The orders of an account that are named, or that nobody can explain, with what their fills add up to; by the unique key
-- of client ids, orders_open and fills_order.
SELECT o.id, o.client_order_id, o.ticker, o.side, o.quantity, o.status, o.source,
       coalesce(booked.shares, 0) AS shares, coalesce(booked.dollars, 0) AS dollars
FROM orders AS o
LEFT JOIN LATERAL (
    SELECT sum(f.quantity) AS shares, sum(f.quantity * f.price) AS dollars FROM fills AS f WHERE f.order_id = o.id
) AS booked ON true
WHERE o.account = :account AND (o.client_order_id = ANY (:client_order_ids::text[]) OR o.status = 'unknown')
ORDER BY o.client_order_id;

-- name: stirred
-- When the position in each ticker was last written, where that was lately; by primary key.
SELECT ticker, updated_at AS at FROM positions WHERE account = :account AND updated_at > :since ORDER BY ticker;

-- name: inferred
-- The inferred fills of an order, as they were inferred; by fills_order.
SELECT id, order_id, execution_id, ticker, side, quantity, price, fee, at FROM fills
WHERE order_id = :order_id AND synthetic ORDER BY at, execution_id;

-- name: infer
-- Keep an inferred fill, once; no row for a repeat; by the unique key of fills.
INSERT INTO fills (id, order_id, account, execution_id, ticker, side, quantity, price, fee, at, synthetic)
VALUES (:id, :order_id, :account, :execution_id, :ticker, :side, :quantity, :price, :fee, :at, true)
ON CONFLICT (account, execution_id) DO NOTHING;

-- name: drop_inferred
-- Take back inferred fills for which real ones came; by primary key.
DELETE FROM fills WHERE id = ANY (:ids::uuid[]) AND synthetic;

-- name: shrink_inferred
-- Leave less of an inferred fill, a part of which really came; by primary key.
UPDATE fills SET quantity = :quantity, price = :price WHERE id = :id AND synthetic;

-- name: settle
-- Have an order say what its fills add up to, once real ones took the place of inferred ones; by primary key and fills_order.
UPDATE orders SET filled_quantity = booked.shares, average_price = booked.dollars / booked.shares, updated_at = :now,
                  version = version + 1
FROM (SELECT sum(quantity) AS shares, sum(quantity * price) AS dollars FROM fills WHERE order_id = :id) AS booked
WHERE id = :id AND booked.shares > 0;

-- name: is_booked
-- Whether an execution is in the books; by the unique key of fills.
SELECT EXISTS (SELECT FROM fills WHERE account = :account AND execution_id = :execution_id);

-- name: meet
-- Keep somebody else's order for what it has traded, more with each execution; no row for one of ours; by the unique key of
-- client ids.
INSERT INTO orders (id, account, leg, attempt, client_order_id, ticker, side, type, quantity, time_in_force, reduce_only,
                    source, cause, status, created_at, updated_at)
VALUES (:id, :account, 'external', 1, :client_order_id, :ticker, :side, 'other', :quantity, '', false,
        'external', :cause, 'accepted', :now, :now)
ON CONFLICT (client_order_id) DO UPDATE SET quantity = orders.quantity + EXCLUDED.quantity
WHERE orders.account = EXCLUDED.account AND orders.source = 'external';

-- name: recalled
-- Orders at the broker that somebody wants taken back and that nobody has asked to cancel there; by orders_open.
SELECT id, client_order_id FROM orders
WHERE account = :account AND cancel_requested IS NOT NULL AND status NOT IN
    ('initialized', 'submitting', 'denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced', 'pending_cancel', 'unknown')
ORDER BY created_at, id;

-- name: earlier
-- The newest real execution that is older than an instant, from which to read again; NULL where there is none; a scan of
-- the account's fills, when a repair is tried.
SELECT execution_id FROM fills WHERE account = :account AND at <= :before AND NOT synthetic
ORDER BY at DESC, execution_id DESC LIMIT 1;

-- name: seen
-- Every difference that is not settled; by primary key.
SELECT kind, subject, looks, repairs, first_at, last_at FROM recon_pending WHERE account = :account ORDER BY kind, subject;

-- name: forget
-- Forget differences that are no more; by primary key.
DELETE FROM recon_pending WHERE account = :account AND NOT (kind || ':' || subject) = ANY (:kept::text[]);

-- name: remember
-- Keep since when and how often differences are seen; by primary key.
INSERT INTO recon_pending (account, kind, subject, looks, repairs, first_at, last_at)
SELECT :account, kind, subject, looks, repairs, first_at, last_at
FROM jsonb_to_recordset(:seen) AS new (kind text, subject text, looks integer, repairs integer, first_at timestamptz,
    last_at timestamptz)
ON CONFLICT (account, kind, subject) DO UPDATE SET looks = EXCLUDED.looks, repairs = EXCLUDED.repairs,
    last_at = EXCLUDED.last_at;

-- name: newest
-- The newest run of an account; by recon_runs_newest.
SELECT id, started_at, ended_at, outcome, error, looks, findings_hash FROM recon_runs
WHERE account = :account ORDER BY seq DESC LIMIT 1;

-- name: run
-- Keep a run; by primary key.
INSERT INTO recon_runs (id, account, started_at, ended_at, outcome, error, findings_hash)
VALUES (:id, :account, :now, :now, :outcome, :error, :findings_hash)
ON CONFLICT (id) DO NOTHING;

-- name: run_again
-- Note that a run found once more what it had found; by primary key.
UPDATE recon_runs SET ended_at = :now, looks = looks + 1 WHERE id = :id;

-- name: note
-- Keep what a run found; by primary key.
INSERT INTO recon_diffs (run_id, kind, subject, ticker, ours, theirs, action)
SELECT :run_id, kind, subject, ticker, ours, theirs, action
FROM jsonb_to_recordset(:diffs) AS new (kind text, subject text, ticker text, ours numeric, theirs numeric, action text)
ON CONFLICT (run_id, kind, subject) DO NOTHING;

-- name: diffs
-- What a run found; by primary key.
SELECT kind, subject, ticker, ours, theirs, action FROM recon_diffs WHERE run_id = :run_id ORDER BY kind, subject;

-- name: outcome
-- What a run of an account came to, its row locked until the transaction ends; NULL where there is none; by primary key.
SELECT outcome FROM recon_runs WHERE id = :id AND account = :account FOR UPDATE;

-- name: accept
-- Note that a person took the broker's word for what a run found; by primary key.
UPDATE recon_runs SET outcome = 'accepted' WHERE id = :id;

-- name: explain
-- Have an order that nobody could explain count as filled, since a person says so; by the unique key of client ids.
UPDATE orders SET status = 'filled', version = version + 1, updated_at = :now
WHERE account = :account AND client_order_id = :client_order_id AND status = 'unknown';

-- name: halt
-- Halt an account that does not reconcile, unless it is halted, and keep what it stood at; by primary key.
INSERT INTO trading_state (account, state, changed_by, reason, changed_at)
VALUES (:account, 'halted', 'reconciliation', :reason, :now)
ON CONFLICT (account) DO UPDATE SET state = 'halted', changed_by = 'reconciliation', reason = EXCLUDED.reason,
    changed_at = EXCLUDED.changed_at,
    before = jsonb_build_object('state', trading_state.state, 'by', trading_state.changed_by, 'reason', trading_state.reason)
WHERE trading_state.state <> 'halted';

-- name: release
-- Let an account do again what it might before reconciliation halted it; what a person had paused stays so; by primary key.
UPDATE trading_state SET state = coalesce(before ->> 'state', 'active'), changed_at = :now, before = NULL,
    changed_by = CASE before ->> 'state' WHEN 'reducing' THEN before ->> 'by' ELSE 'reconciliation' END,
    reason = CASE before ->> 'state' WHEN 'reducing' THEN before ->> 'reason' ELSE :reason::text END
WHERE account = :account AND state = 'halted' AND changed_by = 'reconciliation';

-- name: swept
-- Note when the broker last told all that was asked; by primary key.
INSERT INTO broker_contacts (account, swept_at) VALUES (:account, :now)
ON CONFLICT (account) DO UPDATE SET swept_at = EXCLUDED.swept_at;

-- name: listen
-- Take or keep the right to listen to an account's stream, in the server's time; no row while somebody else has it; by
-- primary key.
INSERT INTO broker_contacts (account, stream_owner, stream_until, stream_at)
VALUES (:account, :owner, now() + :lease::interval, :stream_at)
ON CONFLICT (account) DO UPDATE SET stream_owner = EXCLUDED.stream_owner, stream_until = EXCLUDED.stream_until,
    stream_at = coalesce(EXCLUDED.stream_at, broker_contacts.stream_at)
WHERE broker_contacts.stream_owner IS NOT DISTINCT FROM EXCLUDED.stream_owner
   OR coalesce(broker_contacts.stream_until, '-infinity') <= now()
RETURNING 1;

-- name: moved_since
-- The newest day of which a cash move of an account is known; NULL where none is; by primary key.
SELECT max(day) FROM cash_moves WHERE account = :account;

-- name: add_moves
-- Keep what moved cash without a trade, each once; by primary key.
INSERT INTO cash_moves (account, id, kind, ticker, amount, day, transfer)
SELECT :account, id, kind, ticker, amount, day, transfer
FROM jsonb_to_recordset(:moves) AS new (id text, kind text, ticker text, amount numeric, day date, transfer boolean)
ON CONFLICT (account, id) DO NOTHING;

-- name: cash
-- What fills and cash moves have brought in all, apart from corrections by hand, transfers alone too, and where cash and that
-- stood when they last agreed; one row; scans an account's fills and cash moves.
SELECT total.moved AS total, kept.cash AS cash_then, total.moved - kept.moved AS cash_moved,
       coalesce((SELECT sum(amount) FROM cash_moves WHERE account = :account AND transfer), 0) AS transferred
FROM (
    SELECT coalesce((
        SELECT sum(CASE f.side WHEN 'buy' THEN -f.quantity ELSE f.quantity END * f.price - f.fee)
        FROM fills AS f JOIN orders AS o ON o.id = f.order_id
        WHERE f.account = :account AND o.cause <> 'accepted'
    ), 0) + coalesce((SELECT sum(amount) FROM cash_moves WHERE account = :account), 0) AS moved
) AS total
LEFT JOIN recon_cash AS kept ON kept.account = :account;

-- name: anchor
-- Keep where an account's cash stands, to measure from; by primary key.
INSERT INTO recon_cash (account, cash, moved, transferred, at) VALUES (:account, :cash, :moved, :transferred, :now)
ON CONFLICT (account) DO UPDATE SET cash = EXCLUDED.cash, moved = EXCLUDED.moved, transferred = EXCLUDED.transferred,
    at = EXCLUDED.at
WHERE (recon_cash.cash, recon_cash.moved, recon_cash.transferred)
    <> (EXCLUDED.cash, EXCLUDED.moved, EXCLUDED.transferred);

-- name: transferred
-- What transfers had brought an account when its cash last agreed with the books; no row before that; by primary key.
SELECT transferred FROM recon_cash WHERE account = :account;
