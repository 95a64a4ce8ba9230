SELECT pair.left_id, pair.right_id, pair.linked, pair.probability
FROM unnest(CAST(:left_ids AS bigint[]), CAST(:right_ids AS bigint[])) AS wanted (left_id, right_id)
JOIN identity.pair AS pair ON pair.left_id = wanted.left_id AND pair.right_id = wanted.right_id
