-- Who was asked about a macro event beside the rules, and whether in vain.
ALTER TABLE global_events ADD COLUMN model text;
ALTER TABLE global_events ADD COLUMN prompt_version text;
ALTER TABLE global_events ADD COLUMN call_id uuid REFERENCES llm_calls (id);
ALTER TABLE global_events ADD COLUMN degraded boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN global_events.degraded IS 'A model was asked and nothing of what it said held: the event is the rules'' alone.';
