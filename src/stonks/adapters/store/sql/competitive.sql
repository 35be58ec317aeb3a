-- name: edges
-- The relations that lead on from a company, and on from where they lead, as they stood before an instant: what its own
-- jobs change does not count at it. By the key of company_edges.
WITH edge AS (
    SELECT * FROM company_edges
    WHERE known_at < :now AND valid_from <= :now AND (valid_to IS NULL OR valid_to >= :now)
)
SELECT * FROM edge
WHERE src = :ticker OR src IN (SELECT dst FROM edge WHERE src = :ticker)
ORDER BY src, dst, relation, valid_from;

-- name: origins
-- A ticker's company-layer signals known in a span, with all tickers their documents name, by index signals_ticker.
SELECT to_jsonb(signals) AS signal,
       ARRAY(SELECT mentions.ticker FROM mentions WHERE mentions.document_id = signals.document_id ORDER BY 1) AS named
FROM signals
WHERE ticker = :ticker AND layer = 'company' AND known_at > :since AND known_at <= :now
  AND (withdrawn_at IS NULL OR withdrawn_at > :now)
ORDER BY known_at, id;

-- name: past
-- What a ticker's own events came to, as far as that was known before an instant and a text of theirs still stands; by
-- the key of event_returns.
SELECT * FROM event_returns
WHERE ticker = :ticker AND known_at < :now
  AND EXISTS (SELECT FROM signals WHERE id = ANY(signal_ids) AND (withdrawn_at IS NULL OR withdrawn_at > :now))
ORDER BY event_type, horizon, entered_at;

-- name: groups
-- The same of all companies for some event types, in sums by type, span and company; an event counts half after two
-- years. Sums are of numerics, so that the order of rows does not matter; by event_returns_type.
SELECT event_type, horizon, ticker, sector, count(*)::int AS events, sum(age)::float8 AS weight,
       sum(age * age)::float8 AS square, sum(age * leant)::float8 AS total, sum(age * leant * leant)::float8 AS squares,
       coalesce(sum(age) FILTER (WHERE leant > 0), 0)::float8 AS right
FROM (
    SELECT event_type, horizon, ticker, sector, (z * sign(direction))::numeric AS leant,
           power(0.5::float8, extract(epoch FROM :now - entered_at)::float8 / 63115200)::numeric AS age
    FROM event_returns JOIN companies USING (ticker)
    WHERE event_type = ANY(:event_types::text[]) AND known_at < :now
      AND EXISTS (SELECT FROM signals WHERE id = ANY(signal_ids) AND (withdrawn_at IS NULL OR withdrawn_at > :now))
) AS event
GROUP BY event_type, horizon, ticker, sector
ORDER BY event_type, horizon, ticker;

-- name: add
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

-- name: unmeasured
-- A ticker's own news of a span that no event of the longest span holds yet; by signals_ticker and the key of
-- event_returns.
SELECT id, event_type, known_at, direction * strength AS direction FROM signals
WHERE ticker = :ticker AND layer = 'company' AND event_type <> 'other' AND direction <> 0
  AND known_at >= :since AND known_at < :now AND (withdrawn_at IS NULL OR withdrawn_at > :now)
  AND NOT EXISTS (
      SELECT FROM event_returns
      WHERE event_returns.ticker = :ticker AND event_returns.event_type = signals.event_type
        AND horizon = :longest AND signals.id = ANY(signal_ids)
  )
ORDER BY known_at, id;

-- name: index
-- What a fund on the whole market did in each session since an instant, from bars known by now; none where it has no
-- bars. By bars_pkey.
SELECT starts_at, (close / open)::float8 AS intraday,
       coalesce((close / nullif(lag(close) OVER (ORDER BY starts_at), 0))::float8, 1) AS daily
FROM bars
WHERE ticker = 'SPY' AND resolution = '1d' AND starts_at >= :since AND known_at <= :now AND open > 0
ORDER BY starts_at;

-- name: measure
-- Keep what events came to, each as it was first computed; by primary key.
INSERT INTO event_returns
SELECT * FROM jsonb_populate_recordset(NULL::event_returns, :events)
ON CONFLICT (ticker, event_type, entered_at, horizon) DO NOTHING;

-- name: together
-- In how many stories of a span each other followed company is named beside this one, where enough do, and each alone;
-- by mentions_ticker and documents_known_at.
WITH story AS (
    SELECT documents.id, coalesce(story_cluster_id, documents.id) AS cluster
    FROM mentions JOIN documents ON documents.id = mentions.document_id
    WHERE mentions.ticker = :ticker AND known_at >= :since AND known_at < :now AND document_type <> 'filing'
      AND status IN ('parsed', 'extracted', 'classified')
      AND (SELECT count(*) FROM mentions AS named WHERE named.document_id = documents.id) <= :most
), beside AS (
    SELECT mentions.ticker, count(DISTINCT cluster) AS together
    FROM story JOIN mentions ON mentions.document_id = story.id
    WHERE mentions.ticker <> :ticker AND mentions.ticker IN (SELECT ticker FROM companies)
    GROUP BY mentions.ticker HAVING count(DISTINCT cluster) >= :fewest
)
SELECT beside.ticker, beside.together::int AS together,
       (SELECT count(DISTINCT cluster) FROM story)::int AS own,
       (
           SELECT count(DISTINCT coalesce(story_cluster_id, documents.id))
           FROM mentions JOIN documents ON documents.id = mentions.document_id
           WHERE mentions.ticker = beside.ticker AND known_at >= :since AND known_at < :now
             AND document_type <> 'filing' AND status IN ('parsed', 'extracted', 'classified')
             AND (SELECT count(*) FROM mentions AS named WHERE named.document_id = documents.id) <= :most
       )::int AS other,
       (
           SELECT count(DISTINCT coalesce(story_cluster_id, documents.id)) FROM documents
           WHERE known_at >= :since AND known_at < :now
             AND document_type <> 'filing' AND status IN ('parsed', 'extracted', 'classified')
       )::int AS every
FROM beside
ORDER BY beside.ticker;

-- name: standing_edges
-- A company's relations of one kind and source that have not ended; by the key of company_edges.
SELECT * FROM company_edges
WHERE src = :ticker AND relation = :relation AND source = :source AND valid_to IS NULL AND valid_from <= :now
ORDER BY dst;

-- name: renew
-- End a company's relations of one kind and source to these others and begin new ones; by the key of company_edges.
WITH ended AS (
    UPDATE company_edges SET valid_to = :now
    WHERE src = :ticker AND relation = :relation AND source = :source AND valid_to IS NULL AND dst = ANY(:ended::text[])
)
INSERT INTO company_edges
SELECT * FROM jsonb_populate_recordset(NULL::company_edges, :begun)
ON CONFLICT (src, dst, relation, valid_from) DO NOTHING;
