-- name: promoted
-- The version of each agent's prompt that somebody has made active; a handful of rows.
SELECT agent, version FROM promoted_prompts ORDER BY agent;
