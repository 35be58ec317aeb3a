-- Which version of an agent's prompt is in use, and what came of asking for other words for a thesis.
CREATE TABLE promoted_prompts (
    agent        text PRIMARY KEY,
    version      text NOT NULL,
    label        text NOT NULL,
    promoted_at  timestamptz NOT NULL,
    author       text NOT NULL,
    reason       text NOT NULL
);
COMMENT ON TABLE promoted_prompts IS 'An agent without a row uses its newest prompt.';

ALTER TABLE recommendations ADD COLUMN thesis_note text;
COMMENT ON COLUMN recommendations.thesis_note IS 'Who rewrote the thesis, or why nobody did; null: no model was asked.';
