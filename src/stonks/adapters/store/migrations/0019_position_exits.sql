-- Positions that somebody wants given up: a person, a breaker, or protection that could not be had.

CREATE TABLE position_exits (
    account   text NOT NULL,
    ticker    text NOT NULL,
    reason    text NOT NULL,
    asked_by  text NOT NULL,
    asked_at  timestamptz NOT NULL,
    done_at   timestamptz,
    PRIMARY KEY (account, ticker, asked_at)
);
CREATE UNIQUE INDEX position_exits_open ON position_exits (account, ticker) WHERE done_at IS NULL;
COMMENT ON COLUMN position_exits.done_at IS 'When the position was found flat, with nothing left that works in its ticker.';
