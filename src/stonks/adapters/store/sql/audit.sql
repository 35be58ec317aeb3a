-- name: lock
-- Wait until nobody else writes an entry; held to the end of the transaction.
SELECT pg_advisory_xact_lock(hashtext('stonks:audit'))

-- name: append
-- Add an entry whose hash covers it and the hash of the entry before it; by primary key.
WITH entry AS (
    SELECT coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '') AS prev_hash, :at::timestamptz AS at,
           :actor::text AS actor, :action::text AS action, :object::text AS object,
           :before::jsonb AS before, :after::jsonb AS after
)
INSERT INTO audit (at, actor, action, object, before, after, prev_hash, hash)
SELECT at, actor, action, object, before, after, prev_hash, encode(sha256(convert_to(
           jsonb_build_array(prev_hash, extract(epoch FROM at), actor, action, object, before, after)::text, 'UTF8'
       )), 'hex')
FROM entry
