-- name: forget
-- Drop what was answered long ago; by its index.
DELETE FROM idempotency_keys WHERE created_at < :before;

-- name: begin
-- Take a key for a command; no row where another command has it, once that one is decided; by primary key.
INSERT INTO idempotency_keys (principal, route, key, body_hash, created_at)
VALUES (:principal, :route, :key, :body_hash, :now)
ON CONFLICT (principal, route, key) DO NOTHING;

-- name: answered
-- What was answered to the command that has a key; by primary key.
SELECT body_hash, status, body FROM idempotency_keys WHERE principal = :principal AND route = :route AND key = :key;

-- name: keep
-- Keep what a command is answered; by primary key.
UPDATE idempotency_keys SET status = :status, body = :body WHERE principal = :principal AND route = :route AND key = :key;
