-- A halt that first gives up every position: the account only reduces until it is flat, and is halted then.
ALTER TABLE trading_state ADD COLUMN halts_when_flat boolean NOT NULL DEFAULT false;
