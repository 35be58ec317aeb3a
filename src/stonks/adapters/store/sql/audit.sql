-- name: lock
-- Wait until nobody else writes an entry; held to the end of the transaction.
SELECT pg_advisory_xact_lock(hashtext('stonks:audit'));

-- name: append
-- Add an entry whose hash covers it and the hash of the entry before it; by primary key.
WITH entry AS (
    SELECT coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '') AS prev_hash, :at::timestamptz AS at,
           :actor::text AS actor, :action::text AS action, :object::text AS object,
           :before::jsonb AS before, :after::jsonb AS after, :reason::text AS reason, :request_id::text AS request_id
)
INSERT INTO audit (at, actor, action, object, before, after, reason, request_id, prev_hash, hash)
SELECT at, actor, action, object, before, after, reason, request_id, prev_hash,
       audit_hash(prev_hash, at, actor, action, object, before, after, reason, request_id)
FROM entry;

-- name: verify
-- Whether each entry's hash is that of its words and of the hash before it; the whole table.
WITH chain AS (
    SELECT seq, hash, prev_hash, lag(hash, 1, '') OVER (ORDER BY seq) AS before_it,
           audit_hash(prev_hash, at, actor, action, object, before, after, reason, request_id) AS expected
    FROM audit
), found AS (
    SELECT count(*) AS entries, min(seq) FILTER (WHERE hash <> expected OR prev_hash <> before_it) AS broken_at FROM chain
)
SELECT entries, (SELECT hash FROM audit ORDER BY seq DESC LIMIT 1) AS head, broken_at, broken_at IS NULL AS intact FROM found;

-- name: page
-- Entries before a number, the newest first; by primary key.
SELECT seq, at, actor, action, object, before, after, reason, request_id, prev_hash, hash FROM audit
WHERE seq < :before_seq
  AND (:actor::text IS NULL OR actor = :actor)
  AND (:action::text IS NULL OR action = :action)
ORDER BY seq DESC
LIMIT :limit;
