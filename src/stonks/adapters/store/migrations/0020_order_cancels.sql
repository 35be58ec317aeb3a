-- Why somebody wants an order taken back; the job that does it follows in the same transaction.

ALTER TABLE orders ADD COLUMN cancel_requested text;
