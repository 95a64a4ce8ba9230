-- Kept pairs within the blocks :keys, now too large, which share no other block that is not, and of which no judgement speaks.
WITH inside AS MATERIALIZED (
    SELECT DISTINCT pair.left_id, pair.right_id
    FROM identity.blocking_key AS one
    JOIN identity.pair AS pair ON pair.left_id = one.record_id
    JOIN identity.blocking_key AS two ON two.key = one.key AND two.record_id = pair.right_id
    WHERE one.key = ANY(CAST(:keys AS bigint[]))
)
SELECT inside.left_id, inside.right_id
FROM inside
WHERE NOT EXISTS (
    SELECT 1
    FROM identity.blocking_key AS one
    JOIN identity.blocking_key AS two ON two.key = one.key AND two.record_id = inside.right_id
    WHERE one.record_id = inside.left_id AND one.rule < :identifier_rule
      AND (SELECT count(*) FROM (SELECT 1 FROM identity.blocking_key WHERE key = one.key LIMIT :cap + 1) AS counted)
          <= CASE WHEN one.rule = ANY(CAST(:telling AS smallint[])) THEN :cap ELSE :crowd END
) AND NOT EXISTS (
    SELECT 1 FROM identity.judgement AS said
    WHERE said.left_id = inside.left_id AND said.right_id = inside.right_id AND said.superseded_at IS NULL AND said.verdict <> 'unsure'
)
