-- What was inferred from a signal, and what an event led to, are looked for by where they come from.
CREATE INDEX signals_origin ON signals (origin_id);
