-- The sentences of filings, by which the next one of the same form is told from the one before, and what of each goes on.

CREATE TABLE filings (
    document_id  uuid PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    company      text NOT NULL, -- its CIK where that is known, else its ticker
    form         text NOT NULL, -- '10-K', '8-K EX-99.1'
    amends       boolean NOT NULL,
    known_at     timestamptz NOT NULL,
    sentences    bytea NOT NULL,
    fresh        jsonb -- spans of the normalized text; NULL for all of it
);
CREATE INDEX filings_series ON filings (company, form, known_at, document_id);
