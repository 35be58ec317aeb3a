-- name: rows
-- What the ledger has of jobs that are in a dead-letter queue; by primary key.
SELECT job_id, queue, subject, created_at, done_at, dead_at, reason FROM jobs WHERE job_id = ANY(:job_ids::text[])

-- name: discard
-- Let jobs be dead for good, with the reason in front of what they died of, once; by primary key.
UPDATE jobs SET dead_at = coalesce(dead_at, now()),
                reason = 'discarded: ' || :reason::text || coalesce(' (died of ' || reason || ')', '')
WHERE job_id = ANY(:job_ids::text[]) AND done_at IS NULL AND (reason IS NULL OR reason NOT LIKE 'discarded: %')
RETURNING job_id

-- name: document
-- What a dead job's document is; by primary key.
SELECT id, source, publisher, title, status, status_reason FROM documents WHERE id = :id
