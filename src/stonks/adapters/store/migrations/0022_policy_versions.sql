-- The numbers of every tier, a row a version: the newest of a tier is in force, and no row is ever changed.

CREATE TABLE policy_versions (
    tier        text NOT NULL,
    version     integer NOT NULL CHECK (version > 0),
    body        jsonb NOT NULL,
    author      text NOT NULL,
    reason      text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tier, version)
);
COMMENT ON TABLE policy_versions IS 'trading_decisions.policy_version and risk_evaluations.policy_version are TIER-VERSION.';
COMMENT ON COLUMN policy_versions.author IS 'Who chose these numbers; default where nobody did.';

CREATE FUNCTION policies_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'policy_versions only grows: add a version instead';
END $$;
CREATE TRIGGER policies_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_versions
    FOR EACH STATEMENT EXECUTE FUNCTION policies_only_grow();
