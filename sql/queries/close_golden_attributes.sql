UPDATE golden.attribute SET known_to_at = CAST(:at AS timestamptz) WHERE id = ANY (CAST(:ids AS bigint[]))
