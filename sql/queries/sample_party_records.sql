SELECT id FROM staging.party_record WHERE deleted_at IS NULL ORDER BY hashtextextended(ref, 0), ref LIMIT :size
