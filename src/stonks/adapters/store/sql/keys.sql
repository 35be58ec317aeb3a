-- name: live
-- A live API key by its id; primary key.
SELECT id, name, secret_hash, scopes FROM api_keys
WHERE id = :id AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now);

-- name: used
-- Note that a key is used, where the last note is older than an instant; primary key.
UPDATE api_keys SET last_used_at = :now WHERE id = :id AND (last_used_at IS NULL OR last_used_at < :before);
