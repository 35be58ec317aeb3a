-- name: begin
-- Give an account its row, where it has none; by primary key.
INSERT INTO trading_state (account, state, changed_at) VALUES (:account, 'active', :now) ON CONFLICT (account) DO NOTHING;

-- name: state
-- What an account may do at this moment; by primary key.
SELECT state FROM trading_state WHERE account = :account;

-- name: shared
-- What an account may do; nobody changes it before this transaction ends; by primary key.
SELECT state FROM trading_state WHERE account = :account FOR SHARE;

-- name: standing
-- What an account may do, since when, by whom and why; its row locked until the transaction ends; by primary key.
SELECT state, halts_when_flat, changed_by, reason, changed_at FROM trading_state WHERE account = :account FOR UPDATE;

-- name: change
-- Set what an account may do; by primary key.
UPDATE trading_state SET state = :state, halts_when_flat = :halts_when_flat, changed_by = :by, reason = :reason, changed_at = :now
WHERE account = :account;

-- name: entries
-- Orders that have not ended and would take on a position; by orders_open.
SELECT id FROM orders
WHERE account = :account AND NOT reduce_only AND cancel_requested IS NULL
  AND status NOT IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced')
ORDER BY created_at, id;

-- name: held
-- The tickers of which something is held; by primary key.
SELECT ticker FROM positions WHERE account = :account AND quantity <> 0 ORDER BY ticker;

-- name: under_way
-- Orders that may be reaching the broker at this moment, and positions that are being given up; by orders_open and
-- position_exits_open.
SELECT (SELECT count(*) FROM orders WHERE account = :account AND status = 'submitting')::int AS sending,
       (SELECT count(*) FROM position_exits WHERE account = :account AND done_at IS NULL)::int AS leaving;

-- name: open_breakers
-- Which breakers are not closed, as KIND@SCOPE; scans breakers, which are few.
SELECT kind || '@' || scope FROM breakers WHERE state <> 'closed' ORDER BY scope, kind;

-- name: order
-- An order of an account and whether it has ended, its row locked until the transaction ends; by primary key.
SELECT id, ticker, leg, status, cancel_requested,
       status IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced') AS ended
FROM orders WHERE id = :id AND account = :account FOR UPDATE;
