-- name: newest
-- The version of a tier that is in force; by primary key.
SELECT version, body, author FROM policy_versions WHERE tier = :tier ORDER BY version DESC LIMIT 1

-- name: add
-- Put the next version of a tier in force; no row where the version seen is not the newest; by primary key.
INSERT INTO policy_versions (tier, version, body, author, reason)
SELECT :tier::text, :seen::integer + 1, :body::jsonb, :author, :reason
WHERE :seen = coalesce((SELECT max(version) FROM policy_versions WHERE tier = :tier), 0)
ON CONFLICT (tier, version) DO NOTHING
