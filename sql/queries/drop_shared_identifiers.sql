DELETE FROM identity.shared_identifier WHERE key = ANY(CAST(:keys AS bigint[])) AND NOT by_steward
