-- name: promoted
-- The version of each agent's prompt that somebody has made active, with who and why; a handful of rows.
SELECT agent, version, label, promoted_at, author, reason FROM promoted_prompts ORDER BY agent;

-- name: promote
-- Make a version of an agent's prompt active; by primary key.
INSERT INTO promoted_prompts (agent, version, label, promoted_at, author, reason)
VALUES (:agent, :version, :label, :at, :author, :reason)
ON CONFLICT (agent) DO UPDATE
SET version = EXCLUDED.version, label = EXCLUDED.label, promoted_at = EXCLUDED.promoted_at, author = EXCLUDED.author,
    reason = EXCLUDED.reason;
