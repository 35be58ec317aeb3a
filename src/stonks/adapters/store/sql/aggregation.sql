-- name: standing
-- All that a recomputation reads: signals known in a span, in columns by (known_at, id); where each window stood before the
-- instant (a version of this instant is what an earlier job of it left). The competitive layer is left out where it is
-- switched off. By signals_ticker and the unique key of trend_history.
SELECT coalesce(array_agg(id::text), '{}') AS id, coalesce(array_agg(layer), '{}') AS layer,
       coalesce(array_agg(source), '{}') AS source, coalesce(array_agg(cluster_id::text), '{}') AS cluster_id,
       coalesce(array_agg(event_type), '{}') AS event_type, coalesce(array_agg(direction), '{}') AS direction,
       coalesce(array_agg(strength), '{}') AS strength, coalesce(array_agg(confidence), '{}') AS confidence,
       coalesce(array_agg(credibility), '{}') AS credibility, coalesce(array_agg(novelty), '{}') AS novelty,
       coalesce(array_agg(quality), '{}') AS quality, coalesce(array_agg(relevance), '{}') AS relevance,
       coalesce(array_agg(half_life), '{}') AS half_life,
       coalesce(array_agg(extract(epoch FROM known_at)::float8), '{}') AS known_at,
       (
           SELECT jsonb_agg(jsonb_build_object(
               'window', named.window_name, 'direction', before.direction, 'input_hash', before.input_hash,
               'loudest', coalesce(lately.loudest, 0)))
           FROM unnest(:windows::text[]) AS named (window_name)
           LEFT JOIN LATERAL (
               SELECT direction, input_hash FROM trend_history
               WHERE ticker = :ticker AND window_name = named.window_name AND as_of < :now
               ORDER BY as_of DESC LIMIT 1
           ) AS before ON true
           CROSS JOIN LATERAL (
               SELECT max(abs(score)) AS loudest FROM trend_history
               WHERE ticker = :ticker AND window_name = named.window_name AND as_of < :now AND as_of >= :lately
           ) AS lately
       ) AS versions
FROM (
    SELECT * FROM signals
    WHERE ticker = :ticker AND known_at >= :since AND known_at <= :now
      AND (withdrawn_at IS NULL OR withdrawn_at > :now) AND (:competitive::boolean OR layer <> 'competitive')
    ORDER BY known_at, id
) AS known;

-- name: save
-- Keep all windows of a ticker at an instant: in the history, as the newest where they are, and with their projections.
WITH given AS (
    SELECT row.*
    FROM jsonb_array_elements(:trends) AS trend,
         jsonb_populate_record(NULL::trend_history, trend || jsonb_build_object('window_name', trend -> 'window')) AS row
), history AS (
    INSERT INTO trend_history SELECT * FROM given
    ON CONFLICT (id) DO UPDATE SET
        score = EXCLUDED.score, direction = EXCLUDED.direction, strength = EXCLUDED.strength,
        confidence = EXCLUDED.confidence, p_sign = EXCLUDED.p_sign, contradiction = EXCLUDED.contradiction,
        contradiction_entropy = EXCLUDED.contradiction_entropy, n_eff = EXCLUDED.n_eff, weight = EXCLUDED.weight,
        layer_scores = EXCLUDED.layer_scores, momentum = EXCLUDED.momentum, acceleration = EXCLUDED.acceleration,
        drivers = EXCLUDED.drivers, suppressions = EXCLUDED.suppressions, source_share = EXCLUDED.source_share,
        newest_known_at = EXCLUDED.newest_known_at, weights_version = EXCLUDED.weights_version,
        input_hash = EXCLUDED.input_hash
), newest AS (
    INSERT INTO trend_windows (ticker, window_name, trend_id, as_of)
    SELECT ticker, window_name, id, as_of FROM given
    ON CONFLICT (ticker, window_name) DO UPDATE SET trend_id = EXCLUDED.trend_id, as_of = EXCLUDED.as_of
    WHERE trend_windows.as_of <= EXCLUDED.as_of
)
INSERT INTO trend_projections
SELECT row.* FROM jsonb_array_elements(:projections) AS projection,
       jsonb_populate_record(NULL::trend_projections, projection) AS row
ON CONFLICT (trend_id, horizon) DO UPDATE SET
    value = EXCLUDED.value, low = EXCLUDED.low, high = EXCLUDED.high, method = EXCLUDED.method,
    coverage = EXCLUDED.coverage;
