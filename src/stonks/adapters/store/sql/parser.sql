-- name: document
-- One document as it stands; by primary key.
SELECT id, source, external_id, revision, action, document_type, publisher, url, title, published_at, known_at,
       content_hash, raw_sha256, content_type, feed_tickers, normalized_sha256, story_cluster_id, quality, language,
       status, status_reason
FROM documents WHERE id = :id

-- name: companies
-- Every company that is followed, with the names it goes by; scans companies.
SELECT ticker, name, cik, sector, sub_industry, aliases FROM companies ORDER BY ticker

-- name: lock_stories
-- Wait until no other transaction places a document; held to the end of this one.
SELECT pg_advisory_xact_lock(hashtext('stonks:stories'))

-- name: alike
-- Documents that share a band with this one, and its other revisions; by the keys of document_bands and documents.
WITH alike AS (
    SELECT document_bands.document_id AS id
    FROM UNNEST(:hashes::bigint[]) WITH ORDINALITY AS own (hash, band)
    JOIN document_bands ON document_bands.band = own.band AND document_bands.hash = own.hash
    WHERE document_bands.known_at BETWEEN :since AND :until
    UNION
    SELECT documents.id FROM documents WHERE source = :source AND external_id = :external_id
)
SELECT documents.id, documents.known_at, document_signatures.signature, documents.normalized_sha256 AS text_sha256,
       (documents.quality_features ->> 'chars')::float8::int AS chars, documents.status,
       ARRAY(SELECT ticker FROM mentions WHERE mentions.document_id = documents.id ORDER BY ticker) AS tickers,
       documents.source = :source AND documents.external_id = :external_id AS same_document,
       documents.story_cluster_id AS cluster_id, head.known_at AS head_known_at
FROM alike
JOIN documents USING (id)
JOIN document_signatures ON document_signatures.document_id = documents.id
LEFT JOIN documents AS head ON head.id = documents.story_cluster_id
WHERE documents.id <> :id

-- name: save
-- Write what was read of a stored document with its mentions, signature and bands; how many documents, by primary key.
WITH parsed AS (
    SELECT * FROM jsonb_to_record(:parsed) AS parsed (
        title text, language text, quality float8, features jsonb, flags text[], mentions jsonb,
        published_at timestamptz, status text, status_reason text
    )
), document AS (
    UPDATE documents
    SET title = coalesce(nullif(parsed.title, ''), documents.title), language = parsed.language,
        quality = parsed.quality, quality_features = parsed.features,
        flags = CASE WHEN 'superseded' = ANY(documents.flags) THEN parsed.flags || '{superseded}'::text[] ELSE parsed.flags END,
        published_at = parsed.published_at, normalized_sha256 = :text_sha256, story_cluster_id = :cluster_id,
        status = parsed.status, status_reason = parsed.status_reason, status_at = :now
    FROM parsed
    WHERE documents.id = :id AND documents.status = 'stored'
    RETURNING documents.id, documents.known_at
), mentioned AS (
    INSERT INTO mentions (document_id, ticker, role, spans)
    SELECT document.id, mention.ticker, mention.role, mention.spans
    FROM document, parsed,
         jsonb_to_recordset(parsed.mentions) AS mention (ticker text, role text, spans jsonb)
), signed AS (
    INSERT INTO document_signatures (document_id, signature)
    SELECT document.id, :signature::bytea FROM document WHERE :signature::bytea IS NOT NULL
), banded AS (
    INSERT INTO document_bands (band, hash, document_id, known_at)
    SELECT own.band, own.hash, document.id, document.known_at
    FROM document, UNNEST(:hashes::bigint[]) WITH ORDINALITY AS own (hash, band)
)
SELECT count(*) FROM document

-- name: rearrange
-- Join stories that turned out to be one, and end copies that were parsed before their original; by documents_story.
UPDATE documents
SET story_cluster_id = CASE WHEN story_cluster_id = ANY(:merged::uuid[]) THEN :cluster_id ELSE story_cluster_id END,
    status = CASE WHEN id = ANY(:copies::uuid[]) AND status = 'parsed' THEN 'duplicate' ELSE status END,
    status_reason = CASE WHEN id = ANY(:copies::uuid[]) AND status = 'parsed' THEN :reason ELSE status_reason END,
    status_at = CASE WHEN id = ANY(:copies::uuid[]) AND status = 'parsed' THEN :now ELSE status_at END
WHERE story_cluster_id = ANY(:merged::uuid[]) OR id = ANY(:copies::uuid[])

-- name: company_of
-- Under which name filings of a company are kept: its CIK where that is known, else its ticker; by primary key.
SELECT coalesce((SELECT nullif(ltrim(cik, '0'), '') FROM companies WHERE ticker = :ticker), :ticker)

-- name: lock_filings
-- Wait until no other transaction compares filings of this company; held to the end of this one.
SELECT pg_advisory_xact_lock(hashtext('stonks:filings'), hashtext(:company))

-- name: series
-- A company's filings of one form from the last original before an instant to the next after it; by filings_series.
SELECT filings.document_id AS id, documents.source || ' ' || documents.external_id AS name, filings.known_at,
       filings.amends, filings.sentences, documents.status = 'parsed' AS waiting
FROM filings JOIN documents ON documents.id = filings.document_id
WHERE filings.company = :company AND filings.form = :form AND documents.status <> 'withdrawn'
  AND filings.known_at >= coalesce((
      SELECT before.known_at
      FROM filings AS before JOIN documents AS other ON other.id = before.document_id
      WHERE before.company = :company AND before.form = :form AND NOT before.amends
        AND (before.known_at, before.document_id) < (:known_at, :id) AND other.status <> 'withdrawn'
        AND (other.source, other.external_id) <> (:source, :external_id)
      ORDER BY before.known_at DESC, before.document_id DESC LIMIT 1
  ), '-infinity')
  AND filings.known_at <= coalesce((
      SELECT after.known_at
      FROM filings AS after
      WHERE after.company = :company AND after.form = :form AND NOT after.amends
        AND (after.known_at, after.document_id) > (:known_at, :id)
      ORDER BY after.known_at, after.document_id LIMIT 1
  ), 'infinity')

-- name: file
-- Keep a filing's sentences and what of it goes on; by primary key.
INSERT INTO filings (document_id, company, form, amends, known_at, sentences, fresh)
VALUES (:id, :company, :form, :amends, :known_at, :sentences, :fresh)
ON CONFLICT DO NOTHING

-- name: refile
-- Keep what goes on of filings that were parsed before one that they have to be compared with; by primary key.
UPDATE filings SET fresh = new.spans
FROM jsonb_to_recordset(:later) AS new (id uuid, spans jsonb), documents
WHERE filings.document_id = new.id AND documents.id = new.id AND documents.status = 'parsed'

-- name: relate
-- Begin the relations of followed companies that a source tells and end those it told before and tells no more; those it
-- tells again stand. By the key of company_edges.
WITH told AS MATERIALIZED (
    SELECT edge.* FROM jsonb_populate_recordset(NULL::company_edges, :edges) AS edge
    JOIN companies AS one ON one.ticker = edge.src JOIN companies AS other ON other.ticker = edge.dst
), ended AS (
    UPDATE company_edges SET valid_to = :now
    WHERE source = :source AND valid_to IS NULL
      AND (src, dst, relation, weight, confidence) NOT IN (SELECT src, dst, relation, weight, confidence FROM told)
)
INSERT INTO company_edges
SELECT * FROM told
WHERE NOT EXISTS (
    SELECT FROM company_edges AS known
    WHERE (known.src, known.dst, known.relation, known.weight, known.confidence)
            = (told.src, told.dst, told.relation, told.weight, told.confidence)
      AND known.source = :source AND known.valid_to IS NULL
)
ON CONFLICT DO NOTHING
