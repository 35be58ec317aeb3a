-- name: standing
-- All that a recomputation reads: signals known in a span, in columns by (known_at, id); where each window stood before the
-- instant (a version of this instant is what an earlier job of it left); the relations that lead on from here.
-- By signals_ticker, the unique key of trend_history and the key of company_edges.
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
       ) AS versions,
       (
           WITH edge AS (
               SELECT * FROM company_edges WHERE valid_from <= :now AND (valid_to IS NULL OR valid_to > :now)
           )
           SELECT coalesce(jsonb_agg(to_jsonb(edge) ORDER BY src, dst, relation, valid_from), '[]') FROM edge
           WHERE src = :ticker OR src IN (SELECT dst FROM edge WHERE src = :ticker)
       ) AS edges
FROM (
    SELECT * FROM signals
    WHERE ticker = :ticker AND known_at >= :since AND known_at <= :now
      AND (withdrawn_at IS NULL OR withdrawn_at > :now)
    ORDER BY known_at, id
) AS known;

-- name: origins
-- A ticker's company-layer signals known in a span, with all tickers their documents name, by index signals_ticker.
SELECT to_jsonb(signals) AS signal,
       ARRAY(SELECT mentions.ticker FROM mentions WHERE mentions.document_id = signals.document_id ORDER BY 1) AS named
FROM signals
WHERE ticker = :ticker AND layer = 'company' AND known_at > :since AND known_at <= :now
  AND (withdrawn_at IS NULL OR withdrawn_at > :now)
ORDER BY known_at, id;

-- name: past_events
-- What a stock did in the session after earlier news of some event types, one row a type and session, by signals_ticker.
WITH sessions AS (
    SELECT event_type, entry.starts_at, entry.close::float8 / entry.open::float8 - 1 AS own_return,
           sum((direction * strength)::numeric)::float8 AS direction
    FROM signals
    CROSS JOIN LATERAL (
        SELECT * FROM bars
        WHERE bars.ticker = :ticker AND resolution = '1d' AND starts_at >= signals.known_at
        ORDER BY starts_at LIMIT 1
    ) AS entry
    WHERE signals.ticker = :ticker AND layer = 'company' AND event_type = ANY(:event_types::text[])
      AND signals.known_at < :now AND entry.known_at <= :now
      AND (signals.withdrawn_at IS NULL OR signals.withdrawn_at > :now)
    GROUP BY event_type, entry.starts_at, entry.open, entry.close
), market AS MATERIALIZED (
    SELECT starts_at, avg(close / open)::float8 - 1 AS market_return
    FROM bars
    WHERE resolution = '1d' AND starts_at IN (SELECT starts_at FROM sessions)
    GROUP BY starts_at
), calm AS MATERIALIZED (
    SELECT coalesce(stddev_samp(close / open), 0)::float8 AS volatility
    FROM (
        SELECT open, close FROM bars
        WHERE ticker = :ticker AND resolution = '1d' AND known_at <= :now AND EXISTS (SELECT FROM sessions)
        ORDER BY starts_at DESC LIMIT 60
    ) AS latest
)
SELECT event_type, direction, own_return, market_return, volatility
FROM sessions
JOIN market USING (starts_at)
CROSS JOIN calm
ORDER BY event_type, starts_at;

-- name: add_competitive
-- Keep competitive signals with their records, each once by its key; say for each ticker the first that is new.
WITH given AS (
    SELECT item -> 'signal' AS signal, item -> 'record' AS record FROM jsonb_array_elements(:items) AS item
), new AS (
    INSERT INTO signals
    SELECT row.* FROM given, jsonb_populate_record(NULL::signals, signal) AS row
    ON CONFLICT (id) DO NOTHING
    RETURNING id, ticker
), recorded AS (
    INSERT INTO competitive_signal_records
    SELECT row.* FROM given, jsonb_populate_record(NULL::competitive_signal_records, record) AS row
    JOIN new ON new.id = row.signal_id
)
SELECT ticker, min(id::text)::uuid AS signal_id FROM new GROUP BY ticker ORDER BY ticker;

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
