-- How far the stop of a position was raised since it was opened; the stop itself is an order like any other.

CREATE TABLE position_trails (
    account    text NOT NULL,
    ticker     text NOT NULL,
    opened_at  timestamptz NOT NULL,
    level      numeric NOT NULL CHECK (level > 0),
    raised_at  timestamptz NOT NULL,
    PRIMARY KEY (account, ticker)
);
COMMENT ON COLUMN position_trails.opened_at IS 'Of which position: one that was opened later starts anew.';

CREATE INDEX orders_ticker ON orders (account, ticker, leg);

CREATE FUNCTION split_since(of_account text, of_ticker text, since timestamptz) RETURNS double precision
LANGUAGE sql STABLE AS $$
    SELECT coalesce(exp(sum(ln(ratio::float8))), 1) FROM position_adjustments
    WHERE account = of_account AND ticker = of_ticker AND kind = 'split'
      AND ex_date::timestamp AT TIME ZONE 'America/New_York' > since
$$;
COMMENT ON FUNCTION split_since IS 'How many shares one share of then is now, by the splits in an account''s books.';
