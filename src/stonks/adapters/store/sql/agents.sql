-- name: figures
-- What came of the questions of each agent by prompt and model, one that was asked again being one question, and what its
-- calls cost; all of llm_calls, the next attempt of a call by llm_calls_cache.
SELECT call.agent, call.prompt_version, call.model, count(*) FILTER (WHERE ended.ended) AS questions,
       count(*) FILTER (WHERE ended.ended AND call.outcome = 'accept') AS accepted,
       count(*) FILTER (WHERE ended.ended AND call.outcome = 'repair') AS repaired,
       count(*) FILTER (WHERE ended.ended AND call.outcome = 'reject') AS rejected,
       count(*) FILTER (WHERE ended.ended AND call.outcome = 'degraded') AS degraded,
       count(*) FILTER (WHERE ended.ended AND call.outcome = 'cached') AS cached,
       count(call.milliseconds) AS answers, coalesce(sum(call.tokens_in), 0)::bigint AS tokens_in,
       coalesce(sum(call.tokens_out), 0)::bigint AS tokens_out,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY call.milliseconds) AS p50,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY call.milliseconds) AS p95, max(call.called_at) AS last_at
FROM llm_calls AS call
CROSS JOIN LATERAL (
    SELECT call.attempt = 0 OR NOT EXISTS (
        SELECT FROM llm_calls AS later
        WHERE later.cache_key = call.cache_key AND later.agent = call.agent AND later.attempt = call.attempt + 1
          AND later.called_at >= call.called_at
    ) AS ended
) AS ended
GROUP BY call.agent, call.prompt_version, call.model
ORDER BY call.agent, last_at DESC, call.prompt_version, call.model;
