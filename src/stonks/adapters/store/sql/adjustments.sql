-- name: booked
-- Every corporate action in the books of some tickers; by primary key.
SELECT ticker, kind, ex_date, ratio, price, quantity_before, quantity_after, cash, known_at, source
FROM position_adjustments WHERE account = :account AND ticker = ANY (:tickers::text[]) ORDER BY ticker, ex_date, kind;

-- name: due
-- Dividends and splits of a month, known and not yet in the books of an account that has traded their ticker, the newest
-- word on each, with the last close before it that is known; by corporate_actions_ex_date, calendar_events_day and primary keys.
SELECT DISTINCT ON (a.ex_date, a.ticker, a.type) a.ticker, a.type, a.ex_date, a.ratio, a.cash, a.known_at, a.source,
       (
           SELECT b.close FROM bars AS b
           WHERE b.ticker = a.ticker AND b.resolution = '1d' AND b.known_at <= :now
             AND b.ends_at <= a.ex_date::timestamp AT TIME ZONE 'America/New_York'
           ORDER BY b.starts_at DESC LIMIT 1
       ) AS close
FROM known_actions AS a JOIN positions AS p ON p.account = :account AND p.ticker = a.ticker
WHERE a.known_at <= :now
  AND a.ex_date BETWEEN (:now AT TIME ZONE 'America/New_York')::date - 30 AND (:now AT TIME ZONE 'America/New_York')::date
  AND NOT EXISTS (
      SELECT FROM position_adjustments AS done
      WHERE done.account = :account AND done.ticker = a.ticker AND done.ex_date = a.ex_date AND done.kind = a.type
  )
ORDER BY a.ex_date, a.ticker, a.type, a.known_at DESC;

-- name: add
-- Keep a corporate action in the books, once; no row for a repeat; by primary key.
INSERT INTO position_adjustments (account, ticker, ex_date, kind, ratio, price, quantity_before, quantity_after, cash,
                                  known_at, applied_at, source)
VALUES (:account, :ticker, :ex_date, :kind, :ratio, :price, :quantity_before, :quantity_after, :cash,
        :known_at, :now, :source)
ON CONFLICT (account, ticker, ex_date, kind) DO NOTHING;
