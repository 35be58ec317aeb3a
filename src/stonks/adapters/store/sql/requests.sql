-- name: lock_book
-- Wait until nobody else adds an order to an account that was asked for by hand or allowed; held to the end of the transaction.
SELECT pg_advisory_xact_lock(hashtext('stonks:book:' || :account));

-- name: portfolio_hash
-- A digest of the book that orders of an account are judged on; one row; by primary keys and orders_open.
SELECT md5(jsonb_build_array(
    coalesce((SELECT state FROM trading_state WHERE account = :account), 'active'),
    (SELECT as_of FROM portfolio_snapshots WHERE account = :account ORDER BY as_of DESC LIMIT 1),
    (SELECT string_agg(ticker || ':' || quantity, ',' ORDER BY ticker) FROM positions
     WHERE account = :account AND quantity <> 0),
    (SELECT string_agg(id || ':' || (quantity - filled_quantity), ',' ORDER BY id) FROM orders
     WHERE account = :account AND status NOT IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced')),
    (SELECT string_agg(scope || ':' || kind, ',' ORDER BY scope, kind) FROM breakers WHERE state <> 'closed')
)::text);

-- name: answer
-- Keep what a request was answered, once; no row where it was answered before; by primary key.
INSERT INTO risk_evaluations (id, subject_kind, subject_id, account, source, asked_by, key, body, body_hash, verdict, quantity,
                              primary_reason, checks, clamps, sizing, policy_version, portfolio_hash, evaluated_at,
                              expires_at, order_id, approval_id)
VALUES (:id, 'request', :id, :account, :source, :asked_by, :key, :body, :body_hash, :verdict, :quantity, :primary_reason,
        :checks, :clamps, :sizing, :policy_version, :portfolio_hash, :evaluated_at, :expires_at, :order_id, :approval_id)
ON CONFLICT (id) DO NOTHING;

-- name: answered
-- What a request was answered; by primary key.
SELECT id, body AS request, asked_by, verdict, quantity, primary_reason, checks, clamps, sizing, policy_version,
       portfolio_hash, evaluated_at, expires_at, order_id, approval_id
FROM risk_evaluations WHERE id = :id AND subject_kind = 'request';

-- name: order
-- Keep an order that no decision asked for, which nobody has sent yet, at the price it was judged at; by primary key.
INSERT INTO orders (id, account, leg, attempt, client_order_id, ticker, side, type, quantity, limit_price, stop_price,
                    time_in_force, reduce_only, source, cause, status, decided_price, created_at, updated_at)
VALUES (:id, :account, :leg, :attempt, :client_order_id, :ticker, :side, :type, :quantity, :limit_price, :stop_price,
        :time_in_force, :reduce_only, :source, :cause, 'initialized', :decided_price, :now, :now);

-- name: recommendation
-- One recommendation as the gates look at it, made until an instant; by primary key.
SELECT r.id, r.ticker, r.action, r.mode, r.probability, r.probability_low, t.p_sign AS confidence, r.contradiction,
       r.generated_at,
       EXISTS (
           SELECT FROM recommendations AS newer
           WHERE newer.ticker = r.ticker AND newer.window_name = r.window_name
             AND newer.generated_at > r.generated_at AND newer.generated_at <= :now
       ) AS superseded,
       (
           SELECT least(count(DISTINCT s.source), count(DISTINCT s.cluster_id))
           FROM recommendation_evidence AS e JOIN signals AS s ON s.id = e.signal_id
           WHERE e.recommendation_id = r.id AND e.side = 'for'
       )::int AS sources,
       EXISTS (
           SELECT FROM trading_decisions AS d WHERE d.account = :account AND d.recommendation_id = r.id
       ) AS decided
FROM recommendations AS r
JOIN trend_history AS t ON t.id = r.trend_id
WHERE r.id = :id AND r.generated_at <= :now;
