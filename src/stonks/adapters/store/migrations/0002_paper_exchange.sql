-- The paper exchange: its own books, as a broker keeps them, apart from ours. And what asked for an order, and since
-- when a position is held, because barriers and cooldowns ask.

ALTER TABLE orders ADD COLUMN cause text NOT NULL DEFAULT 'recommendation';
ALTER TABLE positions ADD COLUMN opened_at timestamptz;

CREATE TABLE exchange_accounts (
    account  text PRIMARY KEY,
    cash     numeric NOT NULL CHECK (cash >= 0)
);

CREATE TABLE exchange_orders (
    client_order_id  text PRIMARY KEY,
    seq              bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    account          text NOT NULL REFERENCES exchange_accounts (account),
    ticker           text NOT NULL,
    side             text NOT NULL CHECK (side IN ('buy', 'sell')),
    type             text NOT NULL CHECK (type IN ('market', 'limit', 'stop')),
    quantity         numeric NOT NULL CHECK (quantity > 0),
    limit_price      numeric,
    stop_price       numeric,
    time_in_force    text NOT NULL CHECK (time_in_force IN ('day', 'gtc')),
    kind             text NOT NULL,
    reason           text,
    filled_quantity  numeric NOT NULL DEFAULT 0 CHECK (filled_quantity BETWEEN 0 AND quantity),
    triggered        boolean NOT NULL DEFAULT false,
    reserved         numeric NOT NULL DEFAULT 0,
    accepted_at      timestamptz NOT NULL,
    matched_at       timestamptz NOT NULL,
    ended_at         timestamptz
);
CREATE INDEX exchange_orders_open ON exchange_orders (account, seq) WHERE ended_at IS NULL;
CREATE INDEX exchange_orders_ended ON exchange_orders (account, ended_at);
COMMENT ON COLUMN exchange_orders.matched_at IS 'The last instant of the market that this order has met.';

CREATE TABLE exchange_executions (
    seq              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution_id     text NOT NULL UNIQUE,
    account          text NOT NULL REFERENCES exchange_accounts (account),
    client_order_id  text NOT NULL REFERENCES exchange_orders (client_order_id),
    ticker           text NOT NULL,
    side             text NOT NULL CHECK (side IN ('buy', 'sell')),
    quantity         numeric NOT NULL CHECK (quantity > 0),
    price            numeric NOT NULL CHECK (price > 0),
    fee              numeric NOT NULL CHECK (fee >= 0),
    at               timestamptz NOT NULL
);
CREATE INDEX exchange_executions_account ON exchange_executions (account, seq);
