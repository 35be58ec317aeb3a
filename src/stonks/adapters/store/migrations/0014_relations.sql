-- Relations as they were known, with what says so; what events came to; and the way a competitive signal took.

ALTER TABLE company_edges
    ADD COLUMN known_at     timestamptz,
    ADD COLUMN document_id  uuid REFERENCES documents (id) ON DELETE SET NULL,
    ADD COLUMN evidence     jsonb NOT NULL DEFAULT '[]'; -- quotes of the document
UPDATE company_edges SET known_at = valid_from;
ALTER TABLE company_edges ALTER COLUMN known_at SET NOT NULL;

ALTER TABLE competitive_signal_records
    ADD COLUMN path               jsonb NOT NULL DEFAULT '[]', -- the edges from the origin on, as they stood
    ADD COLUMN lag_expected_days  double precision NOT NULL DEFAULT 0;

-- What a stock did after news of one type of itself, from the first price after it; written once.
CREATE TABLE event_returns (
    ticker         text NOT NULL REFERENCES companies (ticker),
    event_type     text NOT NULL,
    entered_at     timestamptz NOT NULL,
    horizon        integer NOT NULL, -- sessions
    direction      double precision NOT NULL, -- what the texts said: 1 or -1
    own_return     double precision NOT NULL,
    market_return  double precision NOT NULL,
    beta           double precision NOT NULL,
    volatility     double precision NOT NULL, -- of a session, before the event
    z              double precision NOT NULL CHECK (z BETWEEN -5 AND 5),
    exited_at      timestamptz NOT NULL,
    signal_ids     uuid[] NOT NULL,
    known_at       timestamptz NOT NULL,
    PRIMARY KEY (ticker, event_type, entered_at, horizon)
);
CREATE INDEX event_returns_type ON event_returns (event_type, known_at);
