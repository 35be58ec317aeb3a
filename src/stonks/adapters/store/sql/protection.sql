-- name: give_up
-- Have positions given up; one that is asked for already stays as it was asked first; by position_exits_open.
INSERT INTO position_exits (account, ticker, reason, asked_by, asked_at)
SELECT :account, ticker, :reason, :asked_by, :now FROM unnest(:tickers::text[]) AS asked (ticker)
ON CONFLICT (account, ticker) WHERE done_at IS NULL DO NOTHING;

-- name: stakes
-- Tickers of an account with something held, resting to protect it or asked to be given up, rows locked until the
-- transaction ends, each with its newest entry of ours, whose decision or answer to a person says how far its stop lies; by the
-- primary key of positions, fills_ticker, risk_evaluations_order, orders_open and the unique key of orders of a decision.
SELECT p.ticker, p.quantity, p.average_price, coalesce(p.opened_at, p.updated_at) AS opened_at,
       entry.id AS entry_id, entry.decision_id, entry.stop_distance / split_since(p.account, p.ticker, entry.at) AS stop_distance,
       trail.level::float8 / split_since(p.account, p.ticker, trail.raised_at) AS raised,
       gone.reason AS leaving,
       coalesce(made.stops, 0) AS stops_made, coalesce(made.exits, 0) AS exits_made, made.last_exit_at
FROM positions AS p
LEFT JOIN LATERAL (
    SELECT o.id, o.decision_id, f.at, (coalesce(d.sizing, v.sizing) ->> 'stop_distance')::float8 AS stop_distance
    FROM fills AS f
    JOIN orders AS o ON o.id = f.order_id
    LEFT JOIN trading_decisions AS d ON d.id = o.decision_id
    LEFT JOIN risk_evaluations AS v ON v.order_id = o.id AND v.subject_kind = 'request'
    WHERE f.account = p.account AND f.ticker = p.ticker AND f.side = 'buy' AND o.source <> 'external'
      AND f.at >= p.opened_at
    ORDER BY f.at DESC, f.id LIMIT 1
) AS entry ON true
LEFT JOIN LATERAL (
    SELECT max(o.attempt) FILTER (WHERE o.leg = 'stop') AS stops, max(o.attempt) FILTER (WHERE o.leg = 'exit') AS exits,
           max(o.created_at) FILTER (WHERE o.leg = 'exit') AS last_exit_at
    FROM (
        SELECT leg, attempt, created_at FROM orders
        WHERE account = p.account AND decision_id = entry.decision_id AND ticker = p.ticker
        UNION ALL
        SELECT leg, attempt, created_at FROM orders
        WHERE entry.decision_id IS NULL AND account = p.account AND ticker = p.ticker AND decision_id IS NULL
    ) AS o
) AS made ON true
LEFT JOIN position_trails AS trail
    ON trail.account = p.account AND trail.ticker = p.ticker AND trail.opened_at = p.opened_at
LEFT JOIN position_exits AS gone ON gone.account = p.account AND gone.ticker = p.ticker AND gone.done_at IS NULL
WHERE p.account = :account AND (:tickers::text[] IS NULL OR p.ticker = ANY (:tickers))
  AND (p.quantity <> 0 OR gone.ticker IS NOT NULL OR EXISTS (
      SELECT FROM orders AS o WHERE o.account = p.account AND o.ticker = p.ticker AND o.leg = 'stop'
        AND o.status NOT IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced')))
ORDER BY p.ticker
FOR UPDATE OF p;

-- name: working
-- What is left of the working orders of some tickers, as they were made; by orders_open.
SELECT id, ticker, leg, side, status, quantity - filled_quantity AS quantity, stop_price, created_at, cancel_requested
FROM orders
WHERE account = :account AND ticker = ANY (:tickers::text[])
  AND status NOT IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced')
ORDER BY created_at, attempt, id;

-- name: failures
-- Stops of some tickers that came to nothing since an instant, which nobody here took back, by ticker; by orders_ticker.
SELECT ticker, count(*)::int AS count, (array_agg(status_reason ORDER BY updated_at DESC, attempt DESC))[1] AS reason
FROM orders AS o
WHERE account = :account AND ticker = ANY (:tickers::text[]) AND leg = 'stop' AND updated_at > :since
  AND status IN ('denied', 'canceled', 'expired', 'rejected') AND cancel_requested IS NULL
  AND status_reason IS DISTINCT FROM 'TRADING_HALTED'
  AND created_at >= (SELECT p.opened_at FROM positions AS p WHERE p.account = o.account AND p.ticker = o.ticker)
GROUP BY ticker;

-- name: splits
-- Tickers held since before a known split that the books do not have yet, up to a day; by primary keys.
SELECT DISTINCT p.ticker
FROM positions AS p JOIN corporate_actions AS c ON c.ticker = p.ticker AND c.type = 'split'
WHERE p.account = :account AND p.quantity <> 0 AND c.known_at <= :now AND c.ex_date <= :until
  AND c.ex_date > (p.opened_at AT TIME ZONE 'America/New_York')::date
  AND NOT EXISTS (
      SELECT FROM position_adjustments AS a
      WHERE a.account = p.account AND a.ticker = p.ticker AND a.ex_date = c.ex_date AND a.kind = 'split')
ORDER BY p.ticker;

-- name: order
-- Keep protective stops and exits as orders that nobody has sent yet, each once, under the entry they belong to; by
-- primary key.
INSERT INTO orders (id, decision_id, parent_id, account, leg, attempt, client_order_id, ticker, side, type, quantity,
                    stop_price, time_in_force, reduce_only, source, cause, status, created_at, updated_at)
SELECT id, decision_id, :parent, account, leg, attempt, client_order_id, ticker, side, type, quantity, stop_price,
       time_in_force, reduce_only, source, cause, 'initialized', :now, :now
FROM jsonb_to_recordset(:intents) AS new (id uuid, decision_id uuid, account text, leg text, attempt integer,
    client_order_id text, ticker text, side text, type text, quantity numeric, stop_price numeric, time_in_force text,
    reduce_only boolean, source text, cause text)
ON CONFLICT (id) DO NOTHING;

-- name: settle
-- Note which positions that were to be given up are, with nothing left that works in them; by position_exits_open.
UPDATE position_exits AS gone SET done_at = :now
WHERE gone.account = :account AND gone.done_at IS NULL
  AND NOT EXISTS (
      SELECT FROM positions AS p WHERE p.account = gone.account AND p.ticker = gone.ticker AND p.quantity <> 0)
  AND NOT EXISTS (
      SELECT FROM orders AS o WHERE o.account = gone.account AND o.ticker = gone.ticker
        AND o.status NOT IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced'));

-- name: unsettled
-- Whether a position that was to be given up is gone and not noted so; by position_exits_open.
SELECT EXISTS (
    SELECT FROM position_exits AS gone
    WHERE gone.account = :account AND gone.done_at IS NULL
      AND NOT EXISTS (
          SELECT FROM positions AS p WHERE p.account = gone.account AND p.ticker = gone.ticker AND p.quantity <> 0)
      AND NOT EXISTS (
          SELECT FROM orders AS o WHERE o.account = gone.account AND o.ticker = gone.ticker
            AND o.status NOT IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced')));

-- name: raise_stops
-- Keep how far the stops of positions are raised; by primary key.
INSERT INTO position_trails (account, ticker, opened_at, level, raised_at)
SELECT :account, ticker, opened_at, level, :now
FROM jsonb_to_recordset(:trails) AS new (ticker text, opened_at timestamptz, level numeric)
ON CONFLICT (account, ticker) DO UPDATE
SET opened_at = EXCLUDED.opened_at, level = EXCLUDED.level, raised_at = EXCLUDED.raised_at;

-- name: stops
-- What is left of the working stops that protect the account's positions; by orders_open.
SELECT o.id, o.ticker, c.sector, o.side, o.quantity - o.filled_quantity AS quantity, o.stop_price::float8 AS price
FROM orders AS o
JOIN companies AS c ON c.ticker = o.ticker
WHERE o.account = :account AND o.leg = 'stop'
  AND o.status NOT IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced')
ORDER BY o.created_at, o.id;

-- name: held
-- Positions with the decision, or the answer to a person, that entered them last, their barriers' levels, splits since and their
-- newest known bar; by primary keys, fills_ticker and risk_evaluations_order.
SELECT p.ticker, c.sector, p.quantity, p.average_price, coalesce(p.opened_at, p.updated_at) AS opened_at,
       entry.decision_id, entry.stop_distance / split_since(p.account, p.ticker, entry.at) AS stop_distance,
       trail.level::float8 / split_since(p.account, p.ticker, trail.raised_at) AS raised,
       EXISTS (
           SELECT FROM position_exits AS gone
           WHERE gone.account = p.account AND gone.ticker = p.ticker AND gone.done_at IS NULL
       ) AS leaving,
       coalesce((
           SELECT jsonb_agg(jsonb_build_object('day', a.ex_date, 'ratio', a.ratio::text) ORDER BY a.ex_date)
           FROM position_adjustments AS a
           WHERE a.account = p.account AND a.ticker = p.ticker AND a.kind = 'split'
             AND a.ex_date > (p.opened_at AT TIME ZONE 'America/New_York')::date
       ), '[]') AS splits,
       (
           SELECT known_at FROM bars AS b WHERE b.ticker = p.ticker AND b.known_at <= :now
           ORDER BY b.known_at DESC LIMIT 1
       ) AS newest_bar_at
FROM positions AS p
JOIN companies AS c ON c.ticker = p.ticker
LEFT JOIN LATERAL (
    SELECT o.decision_id, f.at, (coalesce(d.sizing, v.sizing) ->> 'stop_distance')::float8 AS stop_distance
    FROM fills AS f JOIN orders AS o ON o.id = f.order_id
    LEFT JOIN trading_decisions AS d ON d.id = o.decision_id
    LEFT JOIN risk_evaluations AS v ON v.order_id = o.id AND v.subject_kind = 'request'
    WHERE f.account = p.account AND f.ticker = p.ticker AND o.leg = 'entry' AND f.at >= p.opened_at
    ORDER BY f.at DESC, f.id LIMIT 1
) AS entry ON true
LEFT JOIN position_trails AS trail
    ON trail.account = p.account AND trail.ticker = p.ticker AND trail.opened_at = p.opened_at
WHERE p.account = :account AND p.quantity <> 0
ORDER BY p.ticker;
