SELECT id, ref, source, kind, attributes, content_hash, deleted_at IS NULL AS live
FROM staging.party_record
WHERE id = ANY(CAST(:ids AS bigint[]))
