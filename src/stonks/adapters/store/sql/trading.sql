-- name: state
-- What the account may do, how far it has polled, and its newest cash known at an instant; one row; by primary keys.
SELECT coalesce(kept.state, 'active') AS state, kept.polled_until, snapshot.cash, snapshot.as_of,
       coalesce(kept.halts_when_flat, false) AS halts_when_flat
FROM (SELECT :account::text AS account) AS asked
LEFT JOIN trading_state AS kept ON kept.account = asked.account
LEFT JOIN LATERAL (
    SELECT cash, as_of FROM portfolio_snapshots
    WHERE account = asked.account AND as_of <= :now
    ORDER BY as_of DESC LIMIT 1
) AS snapshot ON true;

-- name: sessions
-- The exchange's sessions from one day to another, in order; by primary key.
SELECT day, opens_at, closes_at FROM market_sessions WHERE day BETWEEN :first AND :last ORDER BY day;

-- name: undecided
-- Recommendations to act, of some modes, made in a span and not decided on, oldest first; by recommendations_generated.
SELECT r.id, r.ticker, r.action, r.mode, r.probability, r.probability_low, t.p_sign AS confidence, r.contradiction, r.generated_at,
       EXISTS (
           SELECT FROM recommendations AS newer
           WHERE newer.ticker = r.ticker AND newer.window_name = r.window_name
             AND newer.generated_at > r.generated_at AND newer.generated_at <= :now
       ) AS superseded,
       (
           SELECT least(count(DISTINCT s.source), count(DISTINCT s.cluster_id))
           FROM recommendation_evidence AS e JOIN signals AS s ON s.id = e.signal_id
           WHERE e.recommendation_id = r.id AND e.side = 'for'
       )::int AS sources
FROM recommendations AS r
JOIN trend_history AS t ON t.id = r.trend_id
WHERE r.generated_at > :after AND r.generated_at <= :now
  AND r.action IN ('buy', 'sell') AND r.mode = ANY (:modes::text[])
  AND NOT EXISTS (SELECT FROM trading_decisions AS d WHERE d.account = :account AND d.recommendation_id = r.id)
ORDER BY r.generated_at, r.id;

-- name: working
-- What is left of the account's working orders, stops that protect aside, at the price decided at; by orders_open.
SELECT o.id, o.ticker, c.sector, o.side, o.quantity - o.filled_quantity AS quantity,
       coalesce(o.limit_price::float8, o.decided_price::float8, (d.sizing ->> 'price')::float8, 0) AS price
FROM orders AS o
JOIN companies AS c ON c.ticker = o.ticker
LEFT JOIN trading_decisions AS d ON d.id = o.decision_id
WHERE o.account = :account AND o.leg <> 'stop'
  AND o.status NOT IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced')
ORDER BY o.created_at, o.id;

-- name: exits
-- When each ticker was last sold since an instant, and whether a stop did it; by fills_ticker.
SELECT DISTINCT ON (f.ticker) f.ticker, f.at, (o.leg = 'stop' OR o.cause IN ('stop', 'trailing')) AS stopped
FROM fills AS f JOIN orders AS o ON o.id = f.order_id
WHERE f.account = :account AND f.side = 'sell' AND f.at > :since
ORDER BY f.ticker, f.at DESC, f.id;

-- name: entries_since
-- How many entries the account has ordered since an instant; by orders_created.
SELECT count(*)::int FROM orders WHERE account = :account AND leg = 'entry' AND created_at >= :since;

-- name: breakers
-- Every breaker that is not closed, and of a half-open one whether its probe is out; scans breakers, which are few, and
-- orders by orders_created.
SELECT scope, kind, state, observed, limit_ AS "limit", opened_at, reason, changed_at, EXISTS (
           SELECT FROM orders AS o
           WHERE b.state = 'half_open' AND o.leg = 'entry' AND o.status <> 'denied' AND o.created_at >= b.changed_at
             AND (b.scope NOT LIKE 'ticker:%' OR b.scope = 'ticker:' || o.ticker)
       ) AS probing
FROM breakers AS b
WHERE state <> 'closed' ORDER BY scope, kind;

-- name: bars
-- Daily bars of some tickers known in a span, by ticker and oldest first; by bars_known_at.
SELECT ticker, resolution, starts_at, ends_at, open, high, low, close, volume, known_at FROM bars
WHERE ticker = ANY (:tickers::text[]) AND resolution = '1d' AND known_at > :since AND known_at <= :now
ORDER BY ticker, starts_at;

-- name: sectors
-- The sector of each tracked ticker among some; by primary key.
SELECT ticker, sector FROM companies WHERE ticker = ANY (:tickers::text[]) ORDER BY ticker;

-- name: dates
-- Days of reports, splits, spin-offs and mergers of some tickers known at an instant; by the primary keys of both tables.
SELECT ticker, type, day FROM calendar_events
WHERE type IN ('earnings', 'split', 'spin_off', 'merger') AND ticker = ANY (:tickers::text[]) AND known_at <= :now
UNION
SELECT ticker, type, ex_date FROM corporate_actions
WHERE type IN ('split', 'spin_off', 'merger') AND ticker = ANY (:tickers::text[]) AND known_at <= :now
ORDER BY ticker, type, day;

-- name: advance
-- Move the poll on from where it was seen, once; no row where another poll was first; by primary key.
INSERT INTO trading_state (account, state, polled_until, changed_at)
VALUES (:account, 'active', :until, :now)
ON CONFLICT (account) DO UPDATE SET polled_until = EXCLUDED.polled_until
WHERE trading_state.polled_until IS NOT DISTINCT FROM :seen;

-- name: decide
-- Keep decisions, each once; by primary key.
INSERT INTO trading_decisions (id, account, recommendation_id, ticker, verdict, primary_reason, checks, clamps, sizing,
                               quantity, policy_version, decided_at)
SELECT id, account, recommendation_id, ticker, verdict, primary_reason, checks, clamps, sizing, quantity, policy_version,
       decided_at
FROM jsonb_to_recordset(:decisions) AS new (id uuid, account text, recommendation_id uuid, ticker text, verdict text,
    primary_reason text, checks jsonb, clamps jsonb, sizing jsonb, quantity numeric, policy_version text,
    decided_at timestamptz);

-- name: order
-- Keep intents as orders that nobody has sent yet; by primary key.
INSERT INTO orders (id, decision_id, account, leg, attempt, client_order_id, ticker, side, type, quantity, limit_price,
                    stop_price, time_in_force, reduce_only, source, cause, status, created_at, updated_at)
SELECT id, decision_id, account, leg, attempt, client_order_id, ticker, side, type, quantity, limit_price, stop_price,
       time_in_force, reduce_only, source, cause, 'initialized', :now, :now
FROM jsonb_to_recordset(:intents) AS new (id uuid, decision_id uuid, account text, leg text, attempt integer,
    client_order_id text, ticker text, side text, type text, quantity numeric, limit_price numeric, stop_price numeric,
    time_in_force text, reduce_only boolean, source text, cause text);
