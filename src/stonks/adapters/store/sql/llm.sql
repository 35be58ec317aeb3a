-- name: keep
-- Keep one call to a model; of one that is kept already nothing; by its key.
INSERT INTO llm_calls
SELECT row.* FROM jsonb_populate_record(NULL::llm_calls, :call) AS row
ON CONFLICT DO NOTHING;

-- name: answered
-- What was answered to the same question: the first answer that held, else the last of all attempts; index llm_calls_cache.
SELECT id, outcome, verdicts
FROM llm_calls
WHERE cache_key = :key AND (outcome IN ('accept', 'repair') OR (outcome = 'reject' AND attempt = :last))
ORDER BY outcome = 'reject', called_at, id
LIMIT 1;
