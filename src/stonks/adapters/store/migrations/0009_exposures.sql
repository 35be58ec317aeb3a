-- How companies lie open to the world, group by group, as it was known; and what an impact on a company is made of.

CREATE TABLE company_exposures (
    ticker       text NOT NULL REFERENCES companies (ticker),
    facet        text NOT NULL, -- geo, commodity, fx, size
    source       text NOT NULL, -- user, or the kind of document that it was read from
    figures      jsonb NOT NULL, -- feature to its share or beta: {"US": 0.6}
    valid_from   timestamptz NOT NULL,
    known_at     timestamptz NOT NULL,
    document_id  uuid REFERENCES documents (id),
    PRIMARY KEY (ticker, facet, source, known_at)
);

INSERT INTO company_exposures (ticker, facet, source, figures, valid_from, known_at)
SELECT ticker, split_part(given.name, ':', 1), 'user', jsonb_object_agg(split_part(given.name, ':', 2), given.value),
       min(created_at), min(created_at)
FROM companies, jsonb_each(exposures) AS given (name, value)
GROUP BY ticker, split_part(given.name, ':', 1);

ALTER TABLE companies DROP COLUMN exposures;

-- A company's exposures as they were known: what a user says of a group goes before what was read, and the newest before.
CREATE FUNCTION exposures_of(company text, at timestamptz) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_object_agg(newest.facet || ':' || figure.name, figure.value), '{}')
    FROM (
        SELECT DISTINCT ON (facet) facet, figures
        FROM company_exposures
        WHERE ticker = company AND known_at <= at AND valid_from <= at
        ORDER BY facet, source = 'user' DESC, valid_from DESC, known_at DESC, source
    ) AS newest, jsonb_each(newest.figures) AS figure (name, value)
$$;

ALTER TABLE macro_impact_records
    ADD COLUMN size double precision NOT NULL DEFAULT 1,
    ADD COLUMN missing text[] NOT NULL DEFAULT '{}';
