UPDATE identity.membership SET valid_to_at = :at WHERE record_id = ANY(CAST(:ids AS bigint[])) AND valid_to_at IS NULL
