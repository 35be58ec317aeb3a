-- name: live
-- A live API key by its id; primary key.
SELECT id, name, secret_hash, scopes FROM api_keys
WHERE id = :id AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now);

-- name: used
-- Note that a key is used, where the last note is older than an instant; primary key.
UPDATE api_keys SET last_used_at = :now WHERE id = :id AND (last_used_at IS NULL OR last_used_at < :before);

-- name: lock
-- Wait until nobody else makes a key; held to the end of the transaction.
SELECT pg_advisory_xact_lock(hashtext('stonks:keys'));

-- name: taken
-- Whether a live key has a name; scans the keys, which are few.
SELECT EXISTS (
    SELECT FROM api_keys WHERE name = :name AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)
);

-- name: create
-- Keep a key, of its secret only the hash; by primary key.
INSERT INTO api_keys (id, name, secret_hash, scopes, created_at, expires_at)
VALUES (:id, :name, :secret_hash, :scopes::text[], :now, :expires_at);

-- name: all
-- Every key without its secret, the newest first; scans the keys, which are few.
SELECT id, name, scopes, created_at, expires_at, last_used_at, revoked_at FROM api_keys ORDER BY created_at DESC, id;

-- name: revoke
-- Make one key good for nothing, by its id or the name of a live one; scans the keys, which are few.
UPDATE api_keys SET revoked_at = :now
WHERE id = (
    SELECT id FROM api_keys WHERE revoked_at IS NULL AND (id = :wanted::text OR name = :wanted)
    ORDER BY id = :wanted DESC, created_at DESC LIMIT 1
)
RETURNING id, name, scopes, created_at, expires_at, last_used_at, revoked_at;
