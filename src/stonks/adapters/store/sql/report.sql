-- name: gates
-- How often each check of an account's decisions was asked, failed, and was the first hard one to fail, by gate and as
-- they are asked; scans the account's decisions.
SELECT answer ->> 'gate' AS gate, answer ->> 'code' AS code, count(*)::int AS asked,
       count(*) FILTER (WHERE NOT (answer ->> 'passed')::boolean)::int AS failed,
       count(*) FILTER (WHERE NOT (answer ->> 'passed')::boolean AND (answer ->> 'hard')::boolean
                          AND d.primary_reason = answer ->> 'code')::int AS decided
FROM trading_decisions AS d, jsonb_array_elements(d.checks) WITH ORDINALITY AS checked (answer, place)
WHERE d.account = :account AND answer ->> 'code' <> 'NOT_ASKED_OF_EXITS'
GROUP BY 1, 2
ORDER BY min(min(checked.place)) OVER (PARTITION BY answer ->> 'gate'), 1, min(checked.place), 2;

-- name: verdicts
-- An account's decisions by verdict; scans the account's decisions.
SELECT verdict AS name, count(*)::int AS count FROM trading_decisions WHERE account = :account GROUP BY 1 ORDER BY 1;

-- name: clamps
-- What made entries smaller, how often, and by how much in the mean; scans the account's decisions.
SELECT clamp ->> 'code' AS code, count(*)::int AS times,
       avg((clamp ->> 'before')::float8) AS before, avg((clamp ->> 'after')::float8) AS after
FROM trading_decisions AS d, jsonb_array_elements(d.clamps) AS clamp
WHERE d.account = :account AND d.verdict = 'act'
GROUP BY 1 ORDER BY 2 DESC, 1;

-- name: orders
-- An account's orders by leg, cause and status; scans the account's orders.
SELECT leg, cause, status, count(*)::int AS count, sum(filled_quantity * average_price)::float8 AS traded
FROM orders WHERE account = :account GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

-- name: slips
-- Each filled order with the price that it was to trade at, where there is one: a stop's or limit's own, that of its decision, or
-- the one that a person's was judged at; scans the account's orders.
SELECT o.side, o.leg, o.type, o.filled_quantity::float8 AS quantity, o.average_price::float8 AS price,
       coalesce(o.stop_price::float8, o.limit_price::float8,
                CASE WHEN o.leg = 'entry' OR o.cause = 'recommendation'
                     THEN (d.sizing ->> 'price')::float8 END,
                o.decided_price::float8) AS wanted
FROM orders AS o LEFT JOIN trading_decisions AS d ON d.id = o.decision_id
WHERE o.account = :account AND o.filled_quantity > 0 AND o.source <> 'external'
ORDER BY o.created_at, o.id;

-- name: traded
-- How often an account traded, for how many dollars, and what that cost in fees; by fills_ticker.
SELECT count(*)::int AS fills, coalesce(sum(quantity * price), 0)::float8 AS dollars,
       coalesce(sum(fee), 0)::float8 AS fees
FROM fills WHERE account = :account;

-- name: worths
-- What an account was worth and carried at the last count of each day in New York, in order; by primary key.
SELECT day, equity::float8 AS equity, gross::float8 AS gross FROM (
    SELECT DISTINCT ON (day) day, equity, gross
    FROM (SELECT (as_of AT TIME ZONE 'America/New_York')::date AS day, as_of, equity, gross
          FROM portfolio_snapshots WHERE account = :account) AS counted
    ORDER BY day, as_of DESC
) AS closing ORDER BY day;

-- name: benchmark
-- The mean return of all companies with bars on both days, from one day's close to another's, without dividends, splits
-- undone; by bars_known_at.
WITH ends AS (
    SELECT b.ticker, (b.starts_at AT TIME ZONE 'America/New_York')::date AS day, b.close::float8 AS close
    FROM bars AS b JOIN companies AS c ON c.ticker = b.ticker
    WHERE b.resolution = '1d' AND (b.starts_at AT TIME ZONE 'America/New_York')::date IN (:first, :last)
)
SELECT count(*)::int AS companies, avg(later.close / earlier.close * coalesce((
    SELECT exp(sum(ln(a.ratio)))::float8 FROM corporate_actions AS a
    WHERE a.ticker = later.ticker AND a.type = 'split' AND a.ex_date > :first AND a.ex_date <= :last
), 1) - 1) AS change
FROM ends AS earlier JOIN ends AS later ON later.ticker = earlier.ticker
WHERE earlier.day = :first AND later.day = :last;
