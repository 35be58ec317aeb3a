-- What comparing our books with the broker's found, what was done about it, and who listens to the broker's stream.

ALTER TABLE fills ADD COLUMN synthetic boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN fills.synthetic IS 'Inferred from what the order has traded; a real fill that comes later takes its place.';

CREATE TABLE recon_runs (
    id             uuid PRIMARY KEY,
    seq            bigint GENERATED ALWAYS AS IDENTITY,
    account        text NOT NULL,
    started_at     timestamptz NOT NULL,
    ended_at       timestamptz NOT NULL,
    outcome        text NOT NULL CHECK (outcome IN ('ok', 'waiting', 'repaired', 'halted', 'failed', 'accepted')),
    error          text,
    looks          integer NOT NULL DEFAULT 1,
    findings_hash  text NOT NULL
);
CREATE INDEX recon_runs_newest ON recon_runs (account, seq DESC);
COMMENT ON COLUMN recon_runs.looks IS 'How often in a row it was found so; ended_at is the last time.';

CREATE TABLE recon_diffs (
    run_id   uuid NOT NULL REFERENCES recon_runs (id),
    kind     text NOT NULL,
    subject  text NOT NULL,
    ticker   text NOT NULL,
    ours     numeric NOT NULL,
    theirs   numeric NOT NULL,
    action   text NOT NULL,
    PRIMARY KEY (run_id, kind, subject)
);

CREATE TABLE recon_pending (
    account   text NOT NULL,
    kind      text NOT NULL,
    subject   text NOT NULL,
    looks     integer NOT NULL,
    repairs   integer NOT NULL,
    first_at  timestamptz NOT NULL,
    last_at   timestamptz NOT NULL,
    PRIMARY KEY (account, kind, subject)
);
COMMENT ON TABLE recon_pending IS 'Differences that are not settled yet: since when, how often seen and how often a repair was tried.';

CREATE TABLE broker_contacts (
    account       text PRIMARY KEY,
    stream_owner  text,
    stream_until  timestamptz,
    stream_at     timestamptz,
    swept_at      timestamptz
);
COMMENT ON TABLE broker_contacts IS 'Who listens to an account''s stream and until when; when it last stood, and when the broker last told all that was asked.';
