DELETE FROM identity.pair AS pair
USING unnest(CAST(:left_ids AS bigint[]), CAST(:right_ids AS bigint[])) AS gone (left_id, right_id)
WHERE pair.left_id = gone.left_id AND pair.right_id = gone.right_id
