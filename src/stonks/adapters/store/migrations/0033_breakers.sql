-- Breakers say who opened them on what from when, and from when on they measure; the account, up to where it was counted.

ALTER TABLE breakers
    ADD COLUMN opener text NOT NULL DEFAULT 'measured',
    ADD COLUMN inputs jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN changed_at timestamptz,
    ADD COLUMN since timestamptz,
    ADD COLUMN calm_since timestamptz;
COMMENT ON COLUMN breakers.since IS 'What happened before is not measured any more: the breaker closed or half opened then.';
UPDATE breakers SET changed_at = opened_at;

ALTER TABLE trading_state ADD COLUMN counted_cursor text;
COMMENT ON COLUMN trading_state.counted_cursor IS 'The execution cursor at the last count: another one asks for the next.';

CREATE INDEX order_events_sent ON order_events (kind, at) WHERE kind IN ('claimed', 'rejected');
CREATE INDEX fills_at ON fills (account, at);
