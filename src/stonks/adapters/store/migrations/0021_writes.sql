-- What the API needs to be written through: commands that are done once, and an audit whose chain covers reasons.
CREATE TABLE idempotency_keys (
    principal   text NOT NULL,
    route       text NOT NULL,
    key         text NOT NULL,
    body_hash   text NOT NULL,
    status      integer,
    body        bytea,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (principal, route, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

ALTER TABLE audit ADD COLUMN request_id text;

-- Entries without reason and request hash as they did before there were these columns.
CREATE FUNCTION audit_hash(prev_hash text, at timestamptz, actor text, action text, object text, before jsonb, after jsonb,
                           reason text, request_id text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to((
        jsonb_build_array(prev_hash, extract(epoch FROM at), actor, action, object, before, after)
        || CASE WHEN reason IS NULL AND request_id IS NULL THEN '[]' ELSE jsonb_build_array(reason, request_id) END
    )::text, 'UTF8')), 'hex')
$$;

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is only added to' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
