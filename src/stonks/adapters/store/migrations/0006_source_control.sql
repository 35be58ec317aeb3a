-- What people ask of sources, how often a source is polled outside sessions, and signals whose document was withdrawn.

ALTER TABLE sources
    ADD COLUMN closed_cadence interval,
    ADD COLUMN stopped text,
    ADD COLUMN asked_at timestamptz;
COMMENT ON COLUMN sources.stopped IS 'Why it is not polled at all, as a sentence: such as a setting that is missing.';
COMMENT ON COLUMN sources.asked_at IS 'When somebody asked for a poll at once, until that has begun.';

ALTER TABLE signals ADD COLUMN withdrawn_at timestamptz;
COMMENT ON COLUMN signals.withdrawn_at IS 'When its document was withdrawn: it counts no more from then on, and did before.';
