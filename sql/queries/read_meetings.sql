-- One row: what the keys of the records :ids lead to. The candidate pairs that they make with any record by a key whose block is not too
-- large; the pairs kept of them; and whether a judgement speaks of them. A block is counted no further than the answer needs.
WITH own AS MATERIALIZED (
    SELECT key, record_id, CASE WHEN rule = ANY(CAST(:telling AS smallint[])) THEN :cap ELSE :crowd END AS most
    FROM identity.blocking_key
    WHERE record_id = ANY(CAST(:ids AS bigint[])) AND rule < :identifier_rule
),
block AS MATERIALIZED (
    SELECT asked.key, size.holders
    FROM (SELECT DISTINCT key, most FROM own) AS asked
    CROSS JOIN LATERAL (
        SELECT CASE WHEN count(*) BETWEEN 2 AND asked.most THEN array_agg(record_id) END AS holders
        FROM (SELECT record_id FROM identity.blocking_key WHERE key = asked.key LIMIT asked.most + 1) AS counted
    ) AS size
),
met AS (
    SELECT DISTINCT least(own.record_id, other.id) AS left_id, greatest(own.record_id, other.id) AS right_id
    FROM block
    JOIN own ON own.key = block.key
    CROSS JOIN LATERAL unnest(block.holders) AS other (id)
    WHERE other.id <> own.record_id
),
held AS (
    SELECT left_id, right_id, linked, probability FROM identity.pair WHERE left_id = ANY(CAST(:ids AS bigint[]))
    UNION
    SELECT left_id, right_id, linked, probability FROM identity.pair WHERE right_id = ANY(CAST(:ids AS bigint[]))
)
SELECT pairs.*, kept.*, EXISTS (
    SELECT FROM identity.judgement
    WHERE superseded_at IS NULL AND (left_id = ANY(CAST(:ids AS bigint[])) OR right_id = ANY(CAST(:ids AS bigint[])))
) AS judged
FROM (SELECT array_agg(left_id) AS met_left, array_agg(right_id) AS met_right FROM met) AS pairs
CROSS JOIN (
    SELECT array_agg(left_id) AS held_left, array_agg(right_id) AS held_right, array_agg(linked) AS held_linked,
        array_agg(probability) AS held_probability
    FROM held
) AS kept
