-- Write golden records that are new or other than before.
INSERT INTO golden.record AS known (party_id, kind, name, document, content_hash, confidence, records, sources, changed_at)
SELECT given.party_id, given.kind, given.name, CAST(given.document AS jsonb), decode(given.content_hash, 'hex'), given.confidence, given.records, given.sources,
    CAST(:at AS timestamptz)
FROM jsonb_to_recordset(CAST(:records AS jsonb)) AS given (
    party_id text, kind text, name text, document text, content_hash text, confidence float8, records integer, sources text[]
)
ORDER BY given.party_id
ON CONFLICT (party_id) DO UPDATE SET
    kind = excluded.kind, name = excluded.name, document = excluded.document, content_hash = excluded.content_hash,
    confidence = excluded.confidence, records = excluded.records, sources = excluded.sources, changed_at = excluded.changed_at
WHERE (known.kind, known.name, known.content_hash, known.confidence, known.records, known.sources)
    IS DISTINCT FROM (excluded.kind, excluded.name, excluded.content_hash, excluded.confidence, excluded.records, excluded.sources)
RETURNING party_id
