-- name: all
-- Orders of an account, or one of them, that nobody has moved since an instant and that no open job brings: those that may have
-- been sent, and those that were not and whose job died, with why it did; ten, the oldest first; by orders_open, jobs_open
-- and the primary key of jobs.
SELECT o.id, dead.reason AS why
FROM orders AS o
LEFT JOIN LATERAL (
    SELECT j.seq, j.reason FROM jobs AS j
    WHERE j.job_id IN ('broker_orders:' || o.id, 'broker_orders:' || o.id || ':cancel') AND j.dead_at IS NOT NULL
    ORDER BY j.seq DESC LIMIT 1
) AS dead ON true
WHERE o.account = :account AND (:id::uuid IS NULL OR o.id = :id) AND o.updated_at <= :before
  AND (o.status = 'submitting' OR (o.status = 'initialized' AND dead.seq IS NOT NULL))
  AND o.status NOT IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced')
  AND NOT EXISTS (
      SELECT FROM jobs AS j
      WHERE j.queue = 'broker_orders' AND j.subject = o.id::text AND j.done_at IS NULL AND j.dead_at IS NULL
  )
ORDER BY o.updated_at, o.id LIMIT 10;

-- name: doubt
-- Have an order need a person, since what the broker has under its name is not what we meant; by primary key.
UPDATE orders SET status = 'unknown', version = version + 1, updated_at = :now,
                  status_reason = 'the broker''s order of this name is another'
WHERE id = :id;
