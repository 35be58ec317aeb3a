-- name: in_force
-- The newest version of the weights that was activated before an instant, if any was; by weights_versions_activated.
SELECT body FROM weights_versions WHERE activated_at < :now ORDER BY activated_at DESC, version LIMIT 1

-- name: due
-- Whether it is time to fit again, and nobody else is at it: enough outcomes known before an instant, and no version
-- fitted since another; holds a lock to the transaction's end; by signal_outcomes_known.
SELECT (SELECT count(*) >= :fewest FROM (
           SELECT FROM signal_outcomes WHERE known_at < :now AND horizon = interval '1 day' LIMIT :fewest::int
       ) AS enough)
       AND NOT EXISTS (SELECT FROM weights_versions WHERE fitted_at > :since)
       AND pg_try_advisory_xact_lock(hashtextextended('weights', 0))

-- name: verdicts
-- What became of signals in the session after them, one a source and story of a company; outcomes known before an instant.
SELECT DISTINCT ON (layer, source, ticker, cluster_id)
       layer, source, event_type, abs(direction) AS size, outcome.z, outcome.hit, outcome.known_at
FROM signal_outcomes AS outcome JOIN signals ON signals.id = outcome.signal_id
WHERE outcome.known_at < :now AND outcome.known_at >= :since AND horizon = interval '1 day'
  AND outcome.hit IS NOT NULL AND outcome.z IS NOT NULL
ORDER BY layer, source, ticker, cluster_id, signals.known_at, signals.id

-- name: signals
-- Every signal of a span in columns by (known_at, id), with those that were withdrawn; scans signals, once a week.
SELECT coalesce(array_agg(id::text), '{}') AS id, coalesce(array_agg(ticker), '{}') AS ticker,
       coalesce(array_agg(layer), '{}') AS layer,
       coalesce(array_agg(source), '{}') AS source, coalesce(array_agg(cluster_id::text), '{}') AS cluster_id,
       coalesce(array_agg(event_type), '{}') AS event_type, coalesce(array_agg(direction), '{}') AS direction,
       coalesce(array_agg(strength), '{}') AS strength, coalesce(array_agg(confidence), '{}') AS confidence,
       coalesce(array_agg(credibility), '{}') AS credibility, coalesce(array_agg(novelty), '{}') AS novelty,
       coalesce(array_agg(quality), '{}') AS quality, coalesce(array_agg(relevance), '{}') AS relevance,
       coalesce(array_agg(half_life), '{}') AS half_life,
       coalesce(array_agg(extract(epoch FROM known_at)::float8), '{}') AS known_at,
       coalesce(array_agg(extract(epoch FROM withdrawn_at)::float8), '{}') AS withdrawn_at
FROM (SELECT * FROM signals WHERE known_at >= :since AND known_at < :now ORDER BY known_at, id) AS known

-- name: save
-- Keep a version with what it was judged by, once; by primary key.
INSERT INTO weights_versions (version, body, log_loss, activated_at, fitted_at, base, base_log_loss, gain_error,
                              outcomes, verdict)
VALUES (:version, :body, :log_loss, :activated_at, :fitted_at, :base, :base_log_loss, :gain_error, :outcomes, :verdict)
ON CONFLICT (version) DO NOTHING
