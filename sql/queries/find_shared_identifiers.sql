SELECT key FROM identity.shared_identifier WHERE key = ANY(CAST(:keys AS bigint[]))
