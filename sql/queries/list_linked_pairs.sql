-- Linked pairs both of whose records are among :ids.
SELECT left_id, right_id
FROM identity.pair
WHERE linked AND left_id = ANY(CAST(:ids AS bigint[])) AND right_id = ANY(CAST(:ids AS bigint[]))
