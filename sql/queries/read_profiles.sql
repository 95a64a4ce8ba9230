SELECT record_id, ref, kind, terms::text FROM identity.profile WHERE record_id = ANY(CAST(:ids AS bigint[]))
