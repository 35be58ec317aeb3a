-- Alerts go to several channels: each delivery is a row, and each channel that fails rests by its own.

CREATE TABLE alert_deliveries (
    alert_id   uuid NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    channel    text NOT NULL,
    state      text NOT NULL CHECK (state IN ('waiting', 'sent', 'folded', 'refused', 'unsure', 'expired')),
    routed_at  timestamptz NOT NULL,
    begun      integer NOT NULL DEFAULT 0,
    sent_at    timestamptz,
    error      text,
    PRIMARY KEY (alert_id, channel)
);
CREATE INDEX alert_deliveries_waiting ON alert_deliveries (channel, routed_at) WHERE state = 'waiting';
CREATE INDEX alert_deliveries_sent ON alert_deliveries (channel, sent_at) WHERE sent_at IS NOT NULL;
COMMENT ON COLUMN alert_deliveries.begun IS 'How often telling it was begun without a word of how it ended: never more than twice.';

-- Channels that fail, until they answer again.
CREATE TABLE alert_channels (
    channel        text PRIMARY KEY,
    failures       integer NOT NULL,
    failing_since  timestamptz NOT NULL,
    rests_until    timestamptz NOT NULL,
    error          text NOT NULL
);

ALTER TABLE alerts ADD COLUMN routed_at timestamptz;
INSERT INTO alert_deliveries (alert_id, channel, state, routed_at, sent_at)
SELECT id, coalesce(channel, 'log'), 'sent', sent_at, sent_at FROM alerts WHERE sent_at IS NOT NULL;
UPDATE alerts SET routed_at = sent_at WHERE sent_at IS NOT NULL;
DROP INDEX alerts_unsent;
CREATE INDEX alerts_unrouted ON alerts (raised_at) WHERE routed_at IS NULL;
ALTER TABLE alerts DROP COLUMN sent_at, DROP COLUMN channel, DROP COLUMN error;
