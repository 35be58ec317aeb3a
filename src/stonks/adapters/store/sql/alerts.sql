-- name: raise_all
-- Keep alerts for their channel, each once; by primary key.
INSERT INTO alerts (id, kind, severity, subject, text, raised_at)
SELECT id, kind, severity, subject, text, raised_at
FROM jsonb_to_recordset(:alerts) AS new (id uuid, kind text, severity text, subject text, text text, raised_at timestamptz)
ON CONFLICT (id) DO NOTHING;

-- name: unsent
-- Alerts that nobody has heard of yet, oldest first; by alerts_unsent.
SELECT id, kind, severity, subject, text, raised_at FROM alerts
WHERE sent_at IS NULL AND raised_at <= :now ORDER BY raised_at, id LIMIT :limit;

-- name: sent
-- Record that an alert was delivered; by primary key.
UPDATE alerts SET sent_at = :now, channel = :channel, error = NULL WHERE id = :id;

-- name: failed
-- Record why an alert could not be delivered; it stays unsent; by primary key.
UPDATE alerts SET channel = :channel, error = :error WHERE id = :id;
