-- What moved an account's cash without a trade, and where its cash stood when it last agreed with the books.

CREATE TABLE cash_moves (
    account  text NOT NULL,
    id       text NOT NULL,
    kind     text NOT NULL,
    ticker   text,
    amount   numeric NOT NULL,
    day      date NOT NULL,
    PRIMARY KEY (account, id)
);
COMMENT ON TABLE cash_moves IS 'Fees, dividends, interest and transfers as a broker elsewhere tells them, each once, in its words; dollars that came in.';

CREATE TABLE recon_cash (
    account  text PRIMARY KEY,
    cash     numeric NOT NULL,
    moved    numeric NOT NULL,
    at       timestamptz NOT NULL
);
COMMENT ON COLUMN recon_cash.moved IS 'What all fills and cash moves had brought by then.';
