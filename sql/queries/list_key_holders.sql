SELECT DISTINCT record_id FROM identity.blocking_key WHERE key = ANY(CAST(:keys AS bigint[])) ORDER BY record_id
