SELECT left_id, right_id, linked, probability FROM identity.pair WHERE left_id = ANY(CAST(:ids AS bigint[]))
UNION
SELECT left_id, right_id, linked, probability FROM identity.pair WHERE right_id = ANY(CAST(:ids AS bigint[]))
