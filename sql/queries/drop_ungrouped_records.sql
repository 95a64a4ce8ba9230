DELETE FROM identity.ungrouped WHERE record_id = ANY(CAST(:ids AS bigint[])) AND NOT changed
