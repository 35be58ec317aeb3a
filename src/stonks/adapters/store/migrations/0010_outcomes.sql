-- What became of signals, what each version of the weights was judged by, and every run whose returns were looked at.
ALTER TABLE signal_outcomes
    ADD COLUMN price_source  text NOT NULL,
    ADD COLUMN known_at      timestamptz NOT NULL;
COMMENT ON TABLE signal_outcomes IS 'Written once, when a horizon has closed; a horizon of n days is n sessions.';
COMMENT ON COLUMN signal_outcomes.known_at IS 'When the outcome was computed, from bars known by then.';
CREATE INDEX signal_outcomes_known ON signal_outcomes (known_at);

ALTER TABLE weights_versions
    ADD COLUMN fitted_at      timestamptz NOT NULL,
    ADD COLUMN base           text NOT NULL,
    ADD COLUMN base_log_loss  double precision,
    ADD COLUMN gain_error     double precision,
    ADD COLUMN outcomes       integer NOT NULL,
    ADD COLUMN verdict        text NOT NULL;
COMMENT ON COLUMN weights_versions.base IS 'The version in force that it was compared with.';
CREATE INDEX weights_versions_activated ON weights_versions (activated_at) WHERE activated_at IS NOT NULL;

CREATE TABLE trials (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text NOT NULL CHECK (kind IN ('replay', 'evaluation')),
    subject  text NOT NULL,
    as_of    timestamptz NOT NULL,
    periods  integer NOT NULL,
    ratio    double precision
);
COMMENT ON TABLE trials IS 'One row a run whose returns were looked at: how many were tried deflates each Sharpe ratio.';
