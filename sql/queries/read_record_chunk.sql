-- The next live records by id.
SELECT id, ref, source, kind, attributes, content_hash
FROM staging.party_record
WHERE id > :after AND deleted_at IS NULL
ORDER BY id
LIMIT :size
