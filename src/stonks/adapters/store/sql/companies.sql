-- name: seed
-- Follow companies; what is known of them is brought up to date, but pages stay where none are told, and exposures that
-- are told count from now on; by primary keys.
WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(:companies) AS given (
        ticker text, name text, cik text, sector text, sub_industry text, aliases text[], exposures jsonb, pages text[]
    )
), followed AS (
    INSERT INTO companies (ticker, name, cik, sector, sub_industry, aliases, pages)
    SELECT ticker, name, cik, sector, sub_industry, aliases, coalesce(pages, '{}') FROM given
    ON CONFLICT (ticker) DO UPDATE
    SET name = EXCLUDED.name, cik = EXCLUDED.cik, sector = EXCLUDED.sector, sub_industry = EXCLUDED.sub_industry,
        aliases = EXCLUDED.aliases,
        pages = CASE WHEN EXCLUDED.pages = '{}' THEN companies.pages ELSE EXCLUDED.pages END
)
INSERT INTO company_exposures (ticker, facet, source, figures, valid_from, known_at)
SELECT ticker, split_part(told.name, ':', 1), 'user', jsonb_object_agg(split_part(told.name, ':', 2), told.value),
       :now::timestamptz, :now
FROM given, jsonb_each(given.exposures) AS told (name, value)
WHERE given.exposures <> exposures_of(ticker, :now)
GROUP BY ticker, split_part(told.name, ':', 1)
ON CONFLICT (ticker, facet, source, known_at) DO UPDATE SET figures = EXCLUDED.figures

-- name: followed
-- Every followed company with all that is known of it; scans companies.
SELECT ticker, name, cik, sector, sub_industry, aliases, exposures_of(ticker, 'infinity') AS exposures, pages
FROM companies ORDER BY ticker

-- name: replayed
-- The tape whose replay the database holds, if it holds one; one row.
SELECT tape FROM replay_clock

-- name: seed_edges
-- Relate companies; an edge that stands stays; by primary key and the end of its validity.
INSERT INTO company_edges (src, dst, relation, weight, confidence, valid_from, valid_to, source, known_at)
SELECT edge.src, edge.dst, edge.relation, edge.weight, edge.confidence, edge.valid_from, edge.valid_to, edge.source,
       coalesce(edge.known_at, edge.valid_from)
FROM jsonb_populate_recordset(NULL::company_edges, :edges) AS edge
WHERE NOT EXISTS (
    SELECT FROM company_edges AS known
    WHERE known.src = edge.src AND known.dst = edge.dst AND known.relation = edge.relation AND known.valid_to IS NULL
)
ON CONFLICT DO NOTHING

-- name: listings
-- Every followed company as sources ask for it, by ticker; by primary key.
SELECT ticker, name, cik, pages FROM companies ORDER BY ticker
