-- name: list
-- Every company, or one, with its last price and what is held; bars, positions and signals by their keys on the ticker.
SELECT c.ticker, c.name, c.sector, c.sub_industry, c.cik, c.aliases, exposures_of(c.ticker, :now) AS exposures,
       last.close::text AS last_price, last.ends_at AS last_price_at, (last.close / nullif(prior.close, 0) - 1)::float8 AS change,
       (SELECT quantity::text FROM positions AS p WHERE p.account = :account AND p.ticker = c.ticker) AS position,
       (SELECT min(day) FROM calendar_events AS e
        WHERE e.type = 'earnings' AND e.ticker = c.ticker AND e.day >= :now::timestamptz::date AND e.known_at <= :now)
           AS next_earnings,
       (SELECT max(known_at) FROM signals AS s WHERE s.ticker = c.ticker) AS last_signal_at
FROM companies AS c
LEFT JOIN LATERAL (
    SELECT close, starts_at, ends_at FROM bars AS b
    WHERE b.ticker = c.ticker AND b.resolution = '1d' AND b.known_at <= :now ORDER BY starts_at DESC LIMIT 1
) AS last ON true
LEFT JOIN LATERAL (
    SELECT close FROM bars AS b WHERE b.ticker = c.ticker AND b.resolution = '1d' AND b.starts_at < last.starts_at
    ORDER BY starts_at DESC LIMIT 1
) AS prior ON true
WHERE (:ticker::text IS NULL OR c.ticker = :ticker)
ORDER BY c.ticker;

-- name: relations
-- Companies that hang together with one at an instant, the strongest first; primary key of company_edges.
SELECT e.dst AS ticker, c.name, e.relation, e.weight, e.confidence, e.source
FROM company_edges AS e JOIN companies AS c ON c.ticker = e.dst
WHERE e.src = :ticker AND e.valid_from <= :now AND (e.valid_to IS NULL OR e.valid_to > :now)
ORDER BY e.weight DESC, e.dst, e.relation;

-- name: bars
-- A company's latest bars known at an instant, newest first; primary key of bars.
SELECT starts_at, ends_at, open::text AS open, high::text AS high, low::text AS low, close::text AS close,
       volume::text AS volume
FROM bars
WHERE ticker = :ticker AND resolution = :resolution AND starts_at >= :since AND known_at <= :now
ORDER BY starts_at DESC LIMIT :limit;

-- name: search
-- Companies whose ticker begins so or whose name holds these words; the table is small.
SELECT ticker, name FROM companies
WHERE ticker ILIKE :words::text || '%' OR name ILIKE '%' || :words || '%'
ORDER BY ticker ILIKE :words || '%' DESC, ticker LIMIT :limit;
