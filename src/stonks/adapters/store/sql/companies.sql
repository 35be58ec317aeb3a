-- name: seed
-- Follow companies; what is known of them is brought up to date, but pages stay where none are told; by primary key.
INSERT INTO companies (ticker, name, cik, sector, sub_industry, aliases, exposures, pages)
SELECT ticker, name, cik, sector, sub_industry, aliases, exposures, coalesce(pages, '{}')
FROM jsonb_populate_recordset(NULL::companies, :companies)
ON CONFLICT (ticker) DO UPDATE
SET name = EXCLUDED.name, cik = EXCLUDED.cik, sector = EXCLUDED.sector, sub_industry = EXCLUDED.sub_industry,
    aliases = EXCLUDED.aliases, exposures = EXCLUDED.exposures,
    pages = CASE WHEN EXCLUDED.pages = '{}' THEN companies.pages ELSE EXCLUDED.pages END

-- name: followed
-- Every followed company with all that is known of it; scans companies.
SELECT ticker, name, cik, sector, sub_industry, aliases, exposures, pages FROM companies ORDER BY ticker

-- name: replayed
-- The tape whose replay the database holds, if it holds one; one row.
SELECT tape FROM replay_clock

-- name: seed_edges
-- Relate companies; an edge that stands stays; by primary key and the end of its validity.
INSERT INTO company_edges (src, dst, relation, weight, confidence, valid_from, source)
SELECT edge.src, edge.dst, edge.relation, edge.weight, edge.confidence, edge.valid_from, edge.source
FROM jsonb_populate_recordset(NULL::company_edges, :edges) AS edge
WHERE NOT EXISTS (
    SELECT FROM company_edges AS known
    WHERE known.src = edge.src AND known.dst = edge.dst AND known.relation = edge.relation AND known.valid_to IS NULL
)
ON CONFLICT DO NOTHING

-- name: listings
-- Every followed company as sources ask for it, by ticker; by primary key.
SELECT ticker, name, cik, pages FROM companies ORDER BY ticker
