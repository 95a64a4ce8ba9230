DELETE FROM identity.ungrouped WHERE record_id = ANY(CAST(:ids AS bigint[])) RETURNING record_id, changed
