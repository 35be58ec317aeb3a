-- Legs of orders at the exchange: held until the order they belong to has ended.

ALTER TABLE exchange_orders ADD COLUMN parent text REFERENCES exchange_orders (client_order_id);
ALTER TABLE exchange_orders ADD COLUMN held boolean NOT NULL DEFAULT false;

CREATE INDEX exchange_orders_legs ON exchange_orders (parent) WHERE parent IS NOT NULL;
