-- Orders that somebody asks for: what each request was answered, and what waits for a person's yes.
ALTER TABLE risk_evaluations
    ADD COLUMN account         text,
    ADD COLUMN source          text CHECK (source IN ('engine', 'manual')),
    ADD COLUMN asked_by        text,
    ADD COLUMN key             text,
    ADD COLUMN body            jsonb,
    ADD COLUMN body_hash       text,
    ADD COLUMN quantity        numeric,
    ADD COLUMN primary_reason  text,
    ADD COLUMN sizing          jsonb,
    ADD COLUMN portfolio_hash  text,
    ADD COLUMN expires_at      timestamptz,
    ADD COLUMN order_id        uuid,
    ADD COLUMN approval_id     uuid,
    DROP CONSTRAINT risk_evaluations_subject_kind_check,
    ADD CONSTRAINT risk_evaluations_subject_kind_check CHECK (subject_kind IN ('recommendation', 'order', 'request')),
    ADD CONSTRAINT risk_evaluations_request_check CHECK (
        subject_kind <> 'request'
        OR num_nulls(account, source, asked_by, key, body, body_hash, quantity, sizing, portfolio_hash, expires_at) = 0
    );
COMMENT ON COLUMN risk_evaluations.order_id IS 'The order that a request was to become, under the id it has then.';

ALTER TABLE trading_decisions
    DROP CONSTRAINT trading_decisions_verdict_check,
    ADD CONSTRAINT trading_decisions_verdict_check CHECK (verdict IN ('act', 'skip', 'needs_approval'));

ALTER TABLE orders ADD COLUMN decided_price numeric;
COMMENT ON COLUMN orders.decided_price IS 'The price at which an order without a decision was judged.';

ALTER TABLE approvals
    ADD COLUMN account         text NOT NULL,
    ADD COLUMN kind            text NOT NULL CHECK (kind IN ('decision', 'override')),
    ADD COLUMN mode            text NOT NULL CHECK (mode IN ('paper', 'live')),
    ADD COLUMN ticker          text NOT NULL,
    ADD COLUMN side            text NOT NULL CHECK (side IN ('buy', 'sell')),
    ADD COLUMN quantity        numeric NOT NULL CHECK (quantity > 0),
    ADD COLUMN price_low       numeric NOT NULL,
    ADD COLUMN price_high      numeric NOT NULL,
    ADD COLUMN policy_version  text NOT NULL,
    ADD COLUMN order_body      jsonb NOT NULL,
    ADD COLUMN decided_price   double precision NOT NULL,
    ADD COLUMN why             text NOT NULL,
    ADD COLUMN decided_at      timestamptz,
    ADD COLUMN consumed_at     timestamptz,
    ADD CONSTRAINT approvals_once UNIQUE (subject_id, body_hash);
CREATE INDEX approvals_open ON approvals (account, expires_at) WHERE state IN ('pending', 'approved');
CREATE INDEX approvals_requested ON approvals (requested_at DESC, id);

CREATE FUNCTION note_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_change('trading', NEW.id::text, jsonb_build_object('approval', NEW.state, 'ticker', NEW.ticker));
    RETURN NULL;
END $$;
CREATE TRIGGER approvals_change AFTER INSERT OR UPDATE OF state ON approvals FOR EACH ROW EXECUTE FUNCTION note_approval();
