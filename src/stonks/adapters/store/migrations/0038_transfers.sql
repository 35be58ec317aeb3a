-- Money that was put into an account or taken out of it, told apart from what it earned and lost.
ALTER TABLE cash_moves ADD COLUMN transfer boolean NOT NULL DEFAULT false;
UPDATE cash_moves SET transfer = true WHERE kind IN ('CSD', 'CSW', 'JNLC', 'ACATC');
COMMENT ON COLUMN cash_moves.transfer IS 'Whether the owner moved it, so that it is neither a gain nor a loss.';

ALTER TABLE recon_cash ADD COLUMN transferred numeric NOT NULL DEFAULT 0;
UPDATE recon_cash AS kept SET transferred = coalesce((
    SELECT sum(amount) FROM cash_moves AS move WHERE move.account = kept.account AND move.transfer
), 0);
COMMENT ON COLUMN recon_cash.transferred IS 'What all transfers had brought by then.';

ALTER TABLE portfolio_snapshots
    ADD COLUMN transferred numeric,
    ADD COLUMN units numeric NOT NULL DEFAULT 1 CHECK (units > 0);
COMMENT ON COLUMN portfolio_snapshots.transferred IS 'What all transfers had brought by then, in dollars; NULL where the broker tells of none.';
COMMENT ON COLUMN portfolio_snapshots.units IS 'Shares in the account as a fund counts them: a transfer makes more or fewer, gains and losses change their worth.';

CREATE INDEX risk_evaluations_order ON risk_evaluations (order_id) WHERE order_id IS NOT NULL;
