-- name: request
-- Keep questions to a person, each once; by primary key.
INSERT INTO approvals (id, account, kind, mode, subject_id, ticker, side, quantity, price_low, price_high, policy_version,
                       body_hash, order_body, decided_price, why, state, requested_by, requested_at, expires_at)
SELECT id, account, kind, mode, subject_id, ticker, side, quantity, price_low, price_high, policy_version, body_hash,
       order_body, decided_price, why, state, requested_by, requested_at, expires_at
FROM jsonb_to_recordset(:approvals) AS new (id uuid, account text, kind text, mode text, subject_id uuid, ticker text,
    side text, quantity numeric, price_low numeric, price_high numeric, policy_version text, body_hash text,
    order_body jsonb, decided_price float8, why text, state text, requested_by text, requested_at timestamptz,
    expires_at timestamptz)
ON CONFLICT (id) DO NOTHING;

-- name: one
-- One approval, its row locked until the transaction ends; by primary key.
SELECT id, account, kind, mode, subject_id, ticker, side, quantity, price_low, price_high, policy_version, body_hash,
       order_body, decided_price, why, state, requested_by, requested_at, expires_at, decided_by, decided_at, consumed_at,
       reason
FROM approvals WHERE id = :id FOR UPDATE;

-- name: look
-- One approval as it stands; by primary key.
SELECT id, account, kind, mode, subject_id, ticker, side, quantity, price_low, price_high, policy_version, body_hash,
       order_body, decided_price, why, state, requested_by, requested_at, expires_at, decided_by, decided_at, consumed_at,
       reason
FROM approvals WHERE id = :id;

-- name: page
-- Approvals of an account, the newest first, all or those in one state; by approvals_requested.
SELECT id, account, kind, mode, subject_id, ticker, side, quantity, price_low, price_high, policy_version, body_hash,
       order_body, decided_price, why, state, requested_by, requested_at, expires_at, decided_by, decided_at, consumed_at,
       reason
FROM approvals
WHERE requested_at <= :before_at AND (requested_at < :before_at OR id > :after_id)
  AND account = :account AND (:state::text IS NULL OR state = :state)
ORDER BY requested_at DESC, id LIMIT :limit;

-- name: due
-- Approvals for which something is to be done: those allowed, and those whose time is over; by approvals_open.
SELECT id, account, kind, mode, subject_id, ticker, side, quantity, price_low, price_high, policy_version, body_hash,
       order_body, decided_price, why, state, requested_by, requested_at, expires_at, decided_by, decided_at, consumed_at,
       reason
FROM approvals
WHERE account = :account AND state IN ('pending', 'approved') AND (state = 'approved' OR expires_at <= :now)
ORDER BY requested_at, id;

-- name: move
-- Keep where an approval stands now, unless it stands elsewhere by now; by primary key.
UPDATE approvals
SET state = :state, decided_by = coalesce(:decided_by, decided_by), decided_at = coalesce(:decided_at, decided_at),
    consumed_at = coalesce(:consumed_at, consumed_at), reason = coalesce(:reason, reason)
WHERE id = :id AND state = :was;
