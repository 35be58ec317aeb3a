-- What changes a position without a trade: splits, dividends, cash for fractions of shares, corrections by hand.

CREATE TABLE position_adjustments (
    account          text NOT NULL,
    ticker           text NOT NULL,
    ex_date          date NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('split', 'dividend', 'cash_in_lieu', 'manual')),
    ratio            numeric CHECK (ratio > 0),
    price            numeric CHECK (price > 0),
    quantity_before  numeric NOT NULL,
    quantity_after   numeric NOT NULL,
    cash             numeric,
    known_at         timestamptz NOT NULL,
    applied_at       timestamptz NOT NULL,
    source           text NOT NULL,
    PRIMARY KEY (account, ticker, ex_date, kind)
);
COMMENT ON TABLE position_adjustments IS 'Positions are the fold of fills and of these; each takes effect at midnight in New York at the start of its date.';
COMMENT ON COLUMN position_adjustments.price IS 'Dollars a new share, at which a split''s fractions were paid out.';

CREATE INDEX corporate_actions_ex_date ON corporate_actions (ex_date);
