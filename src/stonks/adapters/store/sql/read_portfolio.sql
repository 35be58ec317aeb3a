-- name: positions
-- What an account holds with the last price known at an instant; primary key of positions, bars_known_at.
SELECT p.ticker, coalesce(c.name, p.ticker) AS company, coalesce(c.sector, 'Unknown') AS sector, p.quantity::text AS quantity,
       p.average_price::text AS average_price, p.realized::text AS realized, b.close::text AS last_price,
       b.ends_at AS last_price_at, round(p.quantity * b.close, 2)::text AS market_value,
       round(p.quantity * (b.close - p.average_price), 2)::text AS unrealized, p.updated_at,
       (SELECT f.order_id FROM fills AS f WHERE f.account = p.account AND f.ticker = p.ticker
        ORDER BY f.at DESC, f.id LIMIT 1) AS last_order_id
FROM positions AS p
LEFT JOIN companies AS c ON c.ticker = p.ticker
LEFT JOIN LATERAL (
    SELECT close, ends_at FROM bars WHERE bars.ticker = p.ticker AND bars.known_at <= :now
    ORDER BY bars.known_at DESC LIMIT 1
) AS b ON true
WHERE p.account = :account AND (:ticker::text IS NULL OR p.ticker = :ticker) AND (:closed::boolean OR p.quantity <> 0)
ORDER BY abs(p.quantity * b.close) DESC NULLS LAST, p.ticker;

-- name: equity
-- An account's worth since an instant, newest first; primary key of portfolio_snapshots.
SELECT as_of, equity::text AS equity, cash::text AS cash, gross::text AS gross, net::text AS net,
       high_water_mark::text AS high_water_mark,
       CASE WHEN high_water_mark > 0 THEN greatest(0, 1 - equity / high_water_mark)::float8 ELSE 0 END AS drawdown
FROM portfolio_snapshots WHERE account = :account AND as_of >= :since AND as_of <= :until
ORDER BY as_of DESC LIMIT :limit;

-- name: status
-- Where an account stands; its state and newest snapshot by primary key, orders by orders_open, the rest counted.
SELECT asked.account, coalesce(s.state, 'not_started') AS state, s.reason, s.changed_by, s.changed_at,
       coalesce(s.halts_when_flat, false) AS halts_when_flat, s.polled_until, s.day,
       (SELECT count(*) FROM approvals AS w WHERE w.account = asked.account AND w.state = 'pending'
        AND w.expires_at > :now)::int AS pending_approvals,
       (SELECT count(*) FROM position_exits AS x WHERE x.account = asked.account AND x.done_at IS NULL)::int AS leaving,
       s.day_start_equity::text AS day_start_equity, n.equity::text AS equity, n.cash::text AS cash, n.gross::text AS gross,
       n.high_water_mark::text AS high_water_mark, n.as_of, (n.equity - s.day_start_equity)::text AS day_profit,
       CASE WHEN n.high_water_mark > 0 THEN greatest(0, 1 - n.equity / n.high_water_mark)::float8 END AS drawdown,
       (n.gross / nullif(n.equity, 0))::float8 AS gross_ratio,
       (SELECT count(*) FROM positions AS p WHERE p.account = asked.account AND p.quantity <> 0)::int AS open_positions,
       (SELECT count(*) FROM orders AS o WHERE o.account = asked.account
        AND o.status NOT IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced'))::int AS open_orders,
       (SELECT count(*) FROM orders AS o WHERE o.account = asked.account)::int AS orders,
       (SELECT count(*) FROM fills AS f WHERE f.account = asked.account)::int AS fills,
       (SELECT count(*) FROM trading_decisions AS d WHERE d.account = asked.account AND d.verdict = 'act')::int AS acted,
       (SELECT count(*) FROM trading_decisions AS d WHERE d.account = asked.account AND d.verdict = 'skip')::int AS skipped,
       coalesce((SELECT jsonb_agg(jsonb_build_object('scope', scope, 'kind', kind, 'state', b.state, 'observed', observed,
           'limit', limit_, 'opened_at', opened_at, 'reason', b.reason) ORDER BY scope, kind) FROM breakers AS b), '[]')
           AS breakers
FROM (SELECT :account::text AS account) AS asked
LEFT JOIN trading_state AS s ON s.account = asked.account
LEFT JOIN LATERAL (
    SELECT equity, cash, gross, high_water_mark, as_of FROM portfolio_snapshots AS n
    WHERE n.account = asked.account ORDER BY as_of DESC LIMIT 1
) AS n ON true;
