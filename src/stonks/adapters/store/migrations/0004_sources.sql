-- What live sources bring: each answer with where its bytes are, and market facts that can be corrected later.

CREATE TABLE source_answers (
    run_id        uuid NOT NULL REFERENCES ingestion_runs (id),
    number        integer NOT NULL,
    source        text NOT NULL REFERENCES sources (name),
    url           text NOT NULL,
    status        integer NOT NULL,
    headers       jsonb NOT NULL DEFAULT '{}',
    content_type  text NOT NULL,
    fetched_at    timestamptz NOT NULL,
    sha256        text,
    size          integer NOT NULL,
    PRIMARY KEY (run_id, number)
);
COMMENT ON TABLE source_answers IS 'One HTTP answer of one poll; its bytes are the object raw/sha256/.... The URL holds no secret, sha256 is null where there was no body.';
CREATE INDEX source_answers_source ON source_answers (source, fetched_at DESC);
CREATE INDEX source_answers_sha256 ON source_answers (sha256);

-- A corrected bar is a later row of the same span; what everyone reads is the newest version of each.
ALTER TABLE bars RENAME TO bar_versions;
ALTER TABLE bar_versions RENAME CONSTRAINT bars_pkey TO bar_versions_first;
ALTER TABLE bar_versions
    ADD COLUMN source text NOT NULL DEFAULT '',
    ADD COLUMN superseded_at timestamptz,
    DROP CONSTRAINT bar_versions_first,
    ADD PRIMARY KEY (ticker, resolution, starts_at, known_at);
CREATE UNIQUE INDEX bar_versions_newest ON bar_versions (ticker, resolution, starts_at) WHERE superseded_at IS NULL;
COMMENT ON COLUMN bar_versions.source IS 'Who brought the first version: only the same source may correct it.';
CREATE VIEW bars AS
    SELECT ticker, resolution, starts_at, ends_at, open, high, low, close, volume, known_at
    FROM bar_versions WHERE superseded_at IS NULL;
COMMENT ON VIEW bars IS 'The newest version of each bar. One that is corrected counts as unknown to those who look back before the correction.';

ALTER TABLE corporate_actions
    ADD COLUMN source text NOT NULL DEFAULT '',
    DROP CONSTRAINT corporate_actions_pkey,
    ADD PRIMARY KEY (ticker, type, ex_date, known_at);
COMMENT ON TABLE corporate_actions IS 'Dividends and splits as they were known; a correction is a later row.';

CREATE TABLE ticker_details (
    ticker    text NOT NULL,
    source    text NOT NULL,
    known_at  timestamptz NOT NULL,
    facts     jsonb NOT NULL,
    PRIMARY KEY (ticker, source, known_at)
);
COMMENT ON TABLE ticker_details IS 'What a market data source says of a listing; a change is a later row.';

ALTER TABLE companies ADD COLUMN pages text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN companies.pages IS 'Web pages of the company that are read regularly, such as its list of press releases.';
