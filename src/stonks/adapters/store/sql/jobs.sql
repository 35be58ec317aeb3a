-- name: load
-- The own row of each job in hand and every open row of its subject, with their jobs where there are several;
-- by primary key and the index of open jobs.
SELECT asked.job_id, own.seq IS NOT NULL AS recorded, own.done_at IS NOT NULL AS done, own.dead_at IS NOT NULL AS dead,
       own.reason, waiting.open, waiting.jobs
FROM UNNEST(:job_ids::text[], :subjects::text[]) AS asked (job_id, subject)
LEFT JOIN jobs AS own ON own.job_id = asked.job_id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(seq), '{}') AS open,
           CASE WHEN count(*) > 1 THEN array_agg(payload::text ORDER BY seq) ELSE '{}' END AS jobs
    FROM jobs WHERE queue = :queue AND subject = asked.subject AND done_at IS NULL AND dead_at IS NULL
) AS waiting

-- name: record
-- Write down jobs in the given order and return the ids of those that were not known; by primary key.
INSERT INTO jobs (job_id, queue, subject, payload)
SELECT job_id, queue, subject, payload
FROM UNNEST(:job_ids::text[], :queues::text[], :subjects::text[], :payloads::jsonb[])
     WITH ORDINALITY AS asked (job_id, queue, subject, payload, place)
ORDER BY place
ON CONFLICT (job_id) DO NOTHING
RETURNING job_id

-- name: finish
-- Mark done what one run covers; true when the job's own row was still open; by the index of open jobs.
WITH finished AS (
    UPDATE jobs SET done_at = now()
    WHERE queue = :queue AND subject = :subject AND seq = ANY(:covered::bigint[]) AND done_at IS NULL AND dead_at IS NULL
    RETURNING job_id
)
SELECT EXISTS (SELECT FROM finished WHERE job_id = :job_id)

-- name: leftovers
-- The oldest open row of each subject; by the index of open jobs.
SELECT DISTINCT ON (subject) seq, job_id, queue, subject, payload::text AS payload, now() - created_at AS age
FROM jobs WHERE queue = :queue AND subject = ANY(:subjects::text[]) AND done_at IS NULL AND dead_at IS NULL
ORDER BY subject, seq

-- name: stale
-- A page of open rows that are older than a grace; scans the index of open jobs.
SELECT seq, job_id, queue, subject, payload::text AS payload, now() - created_at AS age
FROM jobs WHERE done_at IS NULL AND dead_at IS NULL AND seq > :after AND created_at <= now() - :grace::interval
ORDER BY seq LIMIT :most

-- name: bury
-- Mark open rows dead with the reason, end the documents that wait for them, and return those; by primary keys.
WITH buried AS (
    UPDATE jobs SET dead_at = now(), reason = :reason
    WHERE job_id = ANY(:job_ids::text[]) AND done_at IS NULL AND dead_at IS NULL
    RETURNING payload
)
UPDATE documents SET status = 'failed', status_reason = :reason, status_at = :now
WHERE id IN (SELECT (payload ->> 'document_id')::uuid FROM buried WHERE payload ? 'document_id')
  AND status IN ('stored', 'parsed')
RETURNING id

-- name: fail_documents
-- End documents that wait for a job that died; by primary key.
UPDATE documents SET status = 'failed', status_reason = :reason, status_at = :now
WHERE id = ANY(:document_ids::uuid[]) AND status IN ('stored', 'parsed')

-- name: reopen
-- Ask anew for what was dead; by primary key.
UPDATE jobs SET dead_at = NULL, reason = NULL, created_at = now() WHERE job_id = ANY(:job_ids::text[]) AND dead_at IS NOT NULL

-- name: revive_documents
-- Put failed documents back where they waited; by primary key.
UPDATE documents SET status = CASE WHEN normalized_sha256 IS NULL THEN 'stored' ELSE 'parsed' END,
                     status_reason = NULL, status_at = :now
WHERE id = ANY(:document_ids::uuid[]) AND status = 'failed'

-- name: reconcile_alone
-- Whether this transaction is the only one that reconciles.
SELECT pg_try_advisory_xact_lock(hashtext('stonks:reconciler'))

-- name: reconciled
-- Note four times a minute that somebody reconciles, in real time; by primary key.
INSERT INTO poll_turns AS turn (stage, polled_at) VALUES ('reconciler', now())
ON CONFLICT (stage) DO UPDATE SET polled_at = EXCLUDED.polled_at WHERE turn.polled_at < now() - interval '15 seconds'
