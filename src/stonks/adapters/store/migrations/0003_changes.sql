-- What the API needs beside the pipeline's tables: a log of changes for the live stream, and indexes for its lists.

-- Courtesy, not truth: unlogged, trimmed, emptied by a crash; a client that lost its place reads the resources again.
-- Rows are read in the order of (tx, seq), and only of transactions older than every running one: a row that commits late
-- is then never skipped, as it would be in the order of seq alone.
CREATE UNLOGGED TABLE changes (
    tx     xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq    bigint GENERATED ALWAYS AS IDENTITY,
    at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    topic  text NOT NULL,
    key    text NOT NULL,
    data   jsonb NOT NULL,
    PRIMARY KEY (tx, seq)
);
COMMENT ON COLUMN changes.at IS 'Wall time: when the change was made, not when it would have happened in a replay.';

CREATE FUNCTION note_change(topic text, key text, data jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    written bigint;
BEGIN
    INSERT INTO changes (topic, key, data) VALUES (topic, key, data) RETURNING changes.seq INTO written;
    IF written % 1000 = 0 THEN
        DELETE FROM changes WHERE (changes.tx, changes.seq) IN
            (SELECT old.tx, old.seq FROM changes AS old WHERE old.seq <= written - 10000 FOR UPDATE SKIP LOCKED);
    END IF;
END $$;

CREATE FUNCTION note_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_change('documents', NEW.id::text, jsonb_build_object('status', NEW.status, 'reason', NEW.status_reason));
    RETURN NULL;
END $$;
CREATE TRIGGER documents_change AFTER UPDATE OF status ON documents FOR EACH ROW
    WHEN (NEW.status IS DISTINCT FROM OLD.status AND NEW.status NOT IN ('stored', 'parsed')) EXECUTE FUNCTION note_document();

CREATE FUNCTION note_recommendation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_change('recommendations', NEW.id::text, jsonb_build_object('ticker', NEW.ticker, 'window', NEW.window_name,
        'action', NEW.action, 'mode', NEW.mode, 'generated_at', NEW.generated_at));
    RETURN NULL;
END $$;
CREATE TRIGGER recommendations_change AFTER INSERT ON recommendations FOR EACH ROW EXECUTE FUNCTION note_recommendation();

CREATE FUNCTION note_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_change('decisions', NEW.id::text, jsonb_build_object('ticker', NEW.ticker, 'verdict', NEW.verdict,
        'primary_reason', NEW.primary_reason, 'recommendation_id', NEW.recommendation_id, 'decided_at', NEW.decided_at));
    RETURN NULL;
END $$;
CREATE TRIGGER trading_decisions_change AFTER INSERT ON trading_decisions FOR EACH ROW EXECUTE FUNCTION note_decision();

CREATE FUNCTION note_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_change('orders', NEW.id::text, jsonb_build_object('ticker', NEW.ticker, 'side', NEW.side, 'leg', NEW.leg,
        'status', NEW.status, 'quantity', NEW.quantity::text, 'filled_quantity', NEW.filled_quantity::text));
    RETURN NULL;
END $$;
CREATE TRIGGER orders_inserted AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION note_order();
CREATE TRIGGER orders_change AFTER UPDATE ON orders FOR EACH ROW
    WHEN ((NEW.status, NEW.filled_quantity) IS DISTINCT FROM (OLD.status, OLD.filled_quantity)) EXECUTE FUNCTION note_order();

CREATE FUNCTION note_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_change('equity', NEW.account, jsonb_build_object('as_of', NEW.as_of, 'equity', NEW.equity::text,
        'cash', NEW.cash::text, 'gross', NEW.gross::text));
    RETURN NULL;
END $$;
CREATE TRIGGER portfolio_snapshots_change AFTER INSERT OR UPDATE ON portfolio_snapshots FOR EACH ROW EXECUTE FUNCTION note_snapshot();

CREATE FUNCTION note_trading_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_change('trading', NEW.account, jsonb_build_object('state', NEW.state, 'reason', NEW.reason));
    RETURN NULL;
END $$;
CREATE TRIGGER trading_state_change AFTER UPDATE OF state ON trading_state FOR EACH ROW
    WHEN (NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION note_trading_state();

CREATE FUNCTION note_alert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_change('alerts', NEW.id::text, jsonb_build_object('kind', NEW.kind, 'severity', NEW.severity,
        'subject', NEW.subject, 'text', NEW.text));
    RETURN NULL;
END $$;
CREATE TRIGGER alerts_change AFTER INSERT ON alerts FOR EACH ROW EXECUTE FUNCTION note_alert();

CREATE FUNCTION note_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_change('clock', NEW.tape, jsonb_build_object('now', NEW.now, 'stage', NEW.stage, 'finished_at', NEW.finished_at));
    RETURN NULL;
END $$;
CREATE TRIGGER replay_clock_change AFTER UPDATE ON replay_clock FOR EACH ROW
    WHEN ((NEW.now, NEW.finished_at) IS DISTINCT FROM (OLD.now, OLD.finished_at)) EXECUTE FUNCTION note_clock();

CREATE INDEX jobs_done ON jobs (queue, done_at) WHERE done_at IS NOT NULL;
CREATE INDEX alerts_raised ON alerts (raised_at DESC, id);
CREATE INDEX document_title_words ON documents USING gin (to_tsvector('english', title));
CREATE INDEX document_status ON documents (status, status_reason);
CREATE INDEX orders_decision ON orders (decision_id);
CREATE INDEX orders_parent ON orders (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX fills_order ON fills (order_id);
CREATE INDEX trading_decisions_reason ON trading_decisions (account, verdict, primary_reason, decided_at DESC, id);
CREATE INDEX trading_decisions_recommendation ON trading_decisions (recommendation_id);
CREATE INDEX global_events_document ON global_events (document_id);
