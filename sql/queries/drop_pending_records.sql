DELETE FROM identity.pending WHERE record_id = ANY(CAST(:ids AS bigint[]))
