-- An exchange that is served over HTTP names orders by a number of its own, and replaces them.

ALTER TABLE exchange_orders ADD COLUMN replaces text REFERENCES exchange_orders (client_order_id);
ALTER TABLE exchange_orders ADD COLUMN replaced_by text;

CREATE UNIQUE INDEX exchange_orders_number ON exchange_orders ((md5(client_order_id)::uuid));
CREATE INDEX exchange_executions_order ON exchange_executions (client_order_id);
COMMENT ON INDEX exchange_orders_number IS 'An order''s number is the md5 of its client''s id.';
