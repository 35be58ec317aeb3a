-- name: raise_all
-- Keep alerts for their channels, each once; by primary key.
INSERT INTO alerts (id, kind, severity, subject, text, raised_at)
SELECT id, kind, severity, subject, text, raised_at
FROM jsonb_to_recordset(:alerts) AS new (id uuid, kind text, severity text, subject text, text text, raised_at timestamptz)
ON CONFLICT (id) DO NOTHING;

-- name: plan_alone
-- Whether this transaction is the only one that plans who is told what.
SELECT pg_try_advisory_xact_lock(hashtext('stonks:alerts'))

-- name: unrouted
-- Alerts of which no channel has been thought yet, oldest first; by alerts_unrouted.
SELECT id, kind, severity, subject, text, raised_at FROM alerts
WHERE routed_at IS NULL AND raised_at <= :now ORDER BY raised_at, id LIMIT :limit;

-- name: told_since
-- What is or will be told on each channel of what was raised from an instant on; by alerts_raised.
SELECT d.channel, a.kind, a.subject, a.text, a.raised_at
FROM alerts AS a JOIN alert_deliveries AS d ON d.alert_id = a.id
WHERE a.raised_at > :since AND d.state IN ('waiting', 'sent', 'unsure');

-- name: routed
-- Note that alerts have been thought of; by primary key.
UPDATE alerts SET routed_at = :now WHERE id = ANY(:ids::uuid[]);

-- name: route
-- Note which alert each channel is to tell, and which it is not because it says the same; by primary key.
INSERT INTO alert_deliveries (alert_id, channel, state, routed_at)
SELECT alert_id, channel, state, :now
FROM jsonb_to_recordset(:deliveries) AS new (alert_id uuid, channel text, state text)
ON CONFLICT (alert_id, channel) DO NOTHING;

-- name: expire
-- Give up what has waited since before an instant; by alert_deliveries_waiting.
UPDATE alert_deliveries SET state = 'expired' WHERE state = 'waiting' AND routed_at < :before;

-- name: channels_to_ask
-- Channels for which something waits, that are not resting and have no open job; by alert_deliveries_waiting, jobs_open.
SELECT DISTINCT d.channel FROM alert_deliveries AS d
LEFT JOIN alert_channels AS c ON c.channel = d.channel
WHERE d.state = 'waiting' AND d.channel = ANY(:channels::text[]) AND (c.rests_until IS NULL OR c.rests_until <= :now)
  AND NOT EXISTS (SELECT FROM jobs AS j WHERE j.queue = 'notifications' AND j.subject = d.channel
                  AND j.done_at IS NULL AND j.dead_at IS NULL)
ORDER BY d.channel;

-- name: waiting
-- What waits for a channel with how often telling it was begun, loudest first; by alert_deliveries_waiting.
SELECT a.id, a.kind, a.severity, a.subject, a.text, a.raised_at, d.begun
FROM alert_deliveries AS d JOIN alerts AS a ON a.id = d.alert_id
WHERE d.channel = :channel AND d.state = 'waiting'
ORDER BY CASE a.severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, a.raised_at, a.id LIMIT :limit;

-- name: told_lately
-- How many alerts a channel was given since an instant; by alert_deliveries_sent.
SELECT count(*) FROM alert_deliveries WHERE channel = :channel AND sent_at > :since;

-- name: begin
-- Note that an alert is about to be told, unless somebody else has begun it since it was looked at; by primary key.
UPDATE alert_deliveries SET begun = begun + 1
WHERE alert_id = :id AND channel = :channel AND state = 'waiting' AND begun = :begun;

-- name: sent
-- Note that an alert was delivered; by primary key.
UPDATE alert_deliveries SET state = 'sent', sent_at = :now, begun = 0, error = NULL
WHERE alert_id = :id AND channel = :channel;

-- name: given_up
-- Note why an alert is not tried on a channel again; by primary key.
UPDATE alert_deliveries SET state = :state, error = :error WHERE alert_id = :id AND channel = :channel;

-- name: failed
-- Note why an alert was not delivered; it goes on waiting, and may have been heard where it stays begun; by primary key.
UPDATE alert_deliveries SET error = :error, begun = CASE WHEN :unanswered::boolean THEN begun ELSE 0 END
WHERE alert_id = :id AND channel = :channel;

-- name: failures
-- How often in a row a channel has failed; by primary key.
SELECT failures FROM alert_channels WHERE channel = :channel;

-- name: channel_failed
-- Note that a channel failed and until when it rests; by primary key.
INSERT INTO alert_channels (channel, failures, failing_since, rests_until, error)
VALUES (:channel, 1, :now, :rests_until, :error)
ON CONFLICT (channel) DO UPDATE SET failures = alert_channels.failures + 1, rests_until = :rests_until, error = :error;

-- name: channel_answers
-- Forget that a channel failed; by primary key.
DELETE FROM alert_channels WHERE channel = :channel;
