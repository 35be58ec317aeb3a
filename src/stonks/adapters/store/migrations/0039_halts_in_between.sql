-- What an account might do before reconciliation halted it, so that the end of that halt does not end a person's pause.
ALTER TABLE trading_state ADD COLUMN before jsonb;
COMMENT ON COLUMN trading_state.before IS 'State, by whom and why, as they were before the newest halt by reconciliation.';
