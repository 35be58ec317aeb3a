-- name: give_up
-- Have positions given up; one that is asked for already stays as it was asked first; by position_exits_open.
INSERT INTO position_exits (account, ticker, reason, asked_by, asked_at)
SELECT :account, ticker, :reason, :asked_by, :now FROM unnest(:tickers::text[]) AS asked (ticker)
ON CONFLICT (account, ticker) WHERE done_at IS NULL DO NOTHING;
