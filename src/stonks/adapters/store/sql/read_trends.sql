-- name: matrix
-- Every company's current trends, or one's; primary keys of companies, trend_windows and trend_history.
SELECT c.ticker, c.name, c.sector, coalesce((
    SELECT jsonb_agg(jsonb_build_object(
        'trend_id', t.id, 'window', t.window_name, 'as_of', t.as_of, 'score', t.score, 'direction', t.direction,
        'strength', t.strength, 'confidence', t.confidence, 'contradiction', t.contradiction, 'n_eff', t.n_eff,
        'signals', jsonb_array_length(t.drivers))
        ORDER BY array_position(ARRAY['intraday', '1d', '7d', '30d', '90d'], t.window_name))
    FROM trend_windows AS w JOIN trend_history AS t ON t.id = w.trend_id WHERE w.ticker = c.ticker), '[]') AS cells
FROM companies AS c
WHERE (:ticker::text IS NULL OR c.ticker = :ticker)
ORDER BY c.ticker;

-- name: summary
-- One version of one trend; primary key.
SELECT id, ticker, window_name AS "window", as_of, score, direction, strength, confidence, p_sign, contradiction,
       contradiction_entropy, n_eff, weight, layer_scores, momentum, acceleration, suppressions, source_share,
       newest_known_at, weights_version, input_hash
FROM trend_history WHERE id = :id;

-- name: drivers
-- The signals of a trend's version as it noted them; primary key.
SELECT driver->>'signal_id' AS signal_id, (driver->>'contribution')::float8 AS contribution,
       (driver->>'weight_share')::float8 AS weight_share
FROM trend_history, jsonb_array_elements(drivers) AS driver
WHERE id = :id
ORDER BY abs((driver->>'contribution')::float8) DESC, signal_id;

-- name: current
-- The version of a trend that holds now, with its company's name; primary keys.
SELECT w.trend_id FROM trend_windows AS w WHERE w.ticker = :ticker AND w.window_name = :window;

-- name: projections
-- Where a trend goes if nothing new is learned; primary key.
SELECT extract(epoch FROM horizon)::float8 / 3600 AS horizon_hours, value, low, high, method, coverage
FROM trend_projections WHERE trend_id = :id ORDER BY horizon;

-- name: history
-- The latest versions of a trend up to an instant, newest first; unique key of trend_history.
SELECT id AS trend_id, window_name AS "window", as_of, score, direction, strength, confidence, contradiction, n_eff,
       jsonb_array_length(drivers) AS signals
FROM trend_history WHERE ticker = :ticker AND window_name = :window AND as_of <= :as_of
ORDER BY as_of DESC LIMIT :limit;
