-- One row: what the keys of the records :ids lead to. The candidate pairs that they make with any record by a key whose block is not too
-- large; the pairs kept of them; whether a judgement speaks of them; and which of the changed keys went over their limit, or came back under
-- it. A block is counted no further than the answer needs.
WITH own AS MATERIALIZED (
    SELECT key, record_id, CASE WHEN rule = ANY(CAST(:telling AS smallint[])) THEN :cap ELSE :crowd END AS most
    FROM identity.blocking_key
    WHERE record_id = ANY(CAST(:ids AS bigint[])) AND rule < :rules
),
change AS MATERIALIZED (
    SELECT key, rule, most, added, removed
    FROM unnest(
        CAST(:keys AS bigint[]), CAST(:changed_rules AS smallint[]), CAST(:limits AS int[]), CAST(:added AS int[]), CAST(:removed AS int[])
    ) AS given (key, rule, most, added, removed)
),
asked AS (
    SELECT
        key, change.rule, coalesce(held.most, change.most) AS most,
        coalesce(change.added, 0) AS added, coalesce(change.removed, 0) AS removed
    FROM (SELECT DISTINCT key, most FROM own) AS held
    FULL JOIN change USING (key)
),
block AS MATERIALIZED (
    SELECT asked.key, asked.rule, asked.most, asked.added, asked.removed, size.records, size.holders
    FROM asked
    CROSS JOIN LATERAL (
        SELECT count(*)::int AS records, CASE WHEN count(*) BETWEEN 2 AND asked.most THEN array_agg(record_id) END AS holders
        FROM (SELECT record_id FROM identity.blocking_key WHERE key = asked.key LIMIT asked.most + asked.added + 1) AS counted
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
SELECT pairs.*, kept.*, crossed.*, EXISTS (
    SELECT FROM identity.judgement
    WHERE superseded_at IS NULL AND (left_id = ANY(CAST(:ids AS bigint[])) OR right_id = ANY(CAST(:ids AS bigint[])))
) AS judged
FROM (SELECT array_agg(left_id) AS met_left, array_agg(right_id) AS met_right FROM met) AS pairs
CROSS JOIN (
    SELECT array_agg(left_id) AS held_left, array_agg(right_id) AS held_right, array_agg(linked) AS held_linked,
        array_agg(probability) AS held_probability
    FROM held
) AS kept
CROSS JOIN (
    SELECT array_agg(key) AS crossed_keys, array_agg(rule) AS crossed_rules, array_agg(records > most) AS crossed_over
    FROM block
    WHERE rule IS NOT NULL AND (records > most) <> (records - added + removed > most)
) AS crossed
