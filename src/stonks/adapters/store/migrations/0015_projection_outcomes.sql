-- What became of projections, how far off they are by now, and how a ticker's momentum compares with its own past.

CREATE TABLE projection_outcomes (
    trend_id     uuid NOT NULL REFERENCES trend_history (id),
    horizon      interval NOT NULL,
    window_name  text NOT NULL,
    third        integer NOT NULL CHECK (third BETWEEN 0 AND 2),
    residual     double precision NOT NULL,
    covered      boolean NOT NULL,
    settled_at   timestamptz NOT NULL,
    PRIMARY KEY (trend_id, horizon)
);
COMMENT ON TABLE projection_outcomes IS 'Of projections made for an instant at which the trend was computed again.';
COMMENT ON COLUMN projection_outcomes.third IS 'How far the score leant that was projected: faintly, somewhat or clearly.';
CREATE INDEX projection_outcomes_settled ON projection_outcomes (settled_at);

CREATE TABLE projection_errors (
    day          date NOT NULL,
    window_name  text NOT NULL,
    horizon      interval NOT NULL,
    third        integer NOT NULL,
    outcomes     integer NOT NULL,
    radius       double precision,
    coverage     double precision,
    PRIMARY KEY (day, window_name, horizon, third)
);
COMMENT ON TABLE projection_errors IS 'What projections of a day go by: outcomes settled before it. No radius where they are too few.';

CREATE TABLE momentum_history (
    ticker             text NOT NULL REFERENCES companies (ticker),
    as_of              timestamptz NOT NULL,
    momentum           double precision NOT NULL,
    acceleration       double precision NOT NULL,
    momentum_z         double precision,
    acceleration_z     double precision,
    momentum_norm      jsonb NOT NULL,
    acceleration_norm  jsonb NOT NULL,
    PRIMARY KEY (ticker, as_of)
);
COMMENT ON TABLE momentum_history IS 'No z-score where there is too little past. Norms: fading sums over the time before.';
