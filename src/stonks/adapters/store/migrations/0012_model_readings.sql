-- What only a language model reads of a document, and finding the calls that it took.
ALTER TABLE document_intelligence ADD COLUMN guidance jsonb NOT NULL DEFAULT '[]';
ALTER TABLE document_intelligence ADD COLUMN risks jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN document_intelligence.call_id IS 'The call that decided; of a degraded extraction the one that says why.';

CREATE INDEX llm_calls_document ON llm_calls (document_id, called_at);
CREATE INDEX llm_calls_agent ON llm_calls (agent, called_at);
