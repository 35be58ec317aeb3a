-- Dividends and splits in the exchange's own books, orders whose stop waits behind a limit or trails the price, and orders
-- that were filled with more than they were for, as happens at brokers.

CREATE TABLE exchange_adjustments (
    seq              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account          text NOT NULL REFERENCES exchange_accounts (account),
    ticker           text NOT NULL,
    ex_date          date NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('split', 'dividend')),
    ratio            numeric CHECK (ratio > 0),
    price            numeric CHECK (price > 0),
    quantity_before  numeric NOT NULL,
    quantity_after   numeric NOT NULL,
    cash             numeric NOT NULL,
    known_at         timestamptz NOT NULL,
    source           text NOT NULL,
    UNIQUE (account, ticker, ex_date, kind)
);
CREATE INDEX exchange_executions_ticker ON exchange_executions (account, ticker, at);

ALTER TABLE exchange_orders
    ADD COLUMN trail_price numeric CHECK (trail_price > 0),
    ADD COLUMN trail_percent numeric CHECK (trail_percent > 0),
    ADD COLUMN peak numeric,
    DROP CONSTRAINT exchange_orders_type_check,
    ADD CONSTRAINT exchange_orders_type_check
        CHECK (type IN ('market', 'limit', 'stop', 'stop_limit', 'trailing_stop')),
    DROP CONSTRAINT exchange_orders_check,
    ADD CONSTRAINT exchange_orders_filled_check CHECK (filled_quantity >= 0);
COMMENT ON COLUMN exchange_orders.peak IS 'The best price since a trailing order came: the highest for a sale, the lowest for a purchase.';

CREATE VIEW exchange_activities AS
    SELECT traded.account, 'FILL' AS kind, traded.execution_id AS name, traded.at, 2 * traded.seq AS seq, traded.ticker,
           traded.quantity, traded.price, NULL::numeric AS cash, traded.side, traded.client_order_id,
           kept.quantity AS ordered,
           sum(traded.quantity) OVER (PARTITION BY traded.client_order_id ORDER BY traded.seq) AS filled
    FROM exchange_executions AS traded JOIN exchange_orders AS kept USING (client_order_id)
    UNION ALL
    SELECT account, 'FEE', 'fee/' || execution_id, at, 2 * seq + 1, ticker,
           NULL, NULL, -fee, NULL, client_order_id, NULL, NULL
    FROM exchange_executions WHERE fee > 0
    UNION ALL
    SELECT account, CASE kind WHEN 'split' THEN 'SPLIT' ELSE 'DIV' END, concat_ws('/', kind, account, ticker, ex_date),
           ex_date::timestamp AT TIME ZONE 'America/New_York', seq, ticker,
           CASE kind WHEN 'split' THEN quantity_after - quantity_before ELSE quantity_before END,
           CASE kind WHEN 'dividend' THEN cash / quantity_before END, cash, NULL, NULL, NULL, NULL
    FROM exchange_adjustments WHERE quantity_before <> 0;
COMMENT ON VIEW exchange_activities IS 'What happened in an account, as its API tells it. Fees are those of one sale each.';
