SELECT record_id AS id, ref, kind, terms FROM identity.profile WHERE record_id = ANY(CAST(:ids AS bigint[]))
