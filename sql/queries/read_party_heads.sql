-- The golden records of these parties.
SELECT party_id, kind, name, document, confidence, records, sources, content_hash, changed_at
FROM golden.record
WHERE party_id = ANY (CAST(:parties AS text[]))
