-- What is in force of judgements on pairs with a record among :ids.
SELECT id, left_id, right_id, verdict, authority, decision_id, evidence, actor, reason
FROM identity.judgement
WHERE superseded_at IS NULL AND left_id = ANY(CAST(:ids AS bigint[]))
UNION ALL
SELECT id, left_id, right_id, verdict, authority, decision_id, evidence, actor, reason
FROM identity.judgement
WHERE superseded_at IS NULL AND right_id = ANY(CAST(:ids AS bigint[])) AND NOT left_id = ANY(CAST(:ids AS bigint[]))
