-- The pairs that the records :ids make with any record by a key whose block is not too large.
WITH own AS MATERIALIZED (
    SELECT key, record_id FROM identity.blocking_key WHERE record_id = ANY(CAST(:ids AS bigint[])) AND rule < :rules
),
usable AS MATERIALIZED (
    SELECT own.key
    FROM (SELECT DISTINCT key FROM own) AS own
    CROSS JOIN LATERAL (
        SELECT count(*) AS records FROM (SELECT 1 FROM identity.blocking_key WHERE key = own.key LIMIT :cap + 1) AS counted
    ) AS size
    WHERE size.records BETWEEN 2 AND :cap
)
SELECT DISTINCT least(own.record_id, other.record_id) AS left_id, greatest(own.record_id, other.record_id) AS right_id
FROM usable
JOIN own ON own.key = usable.key
JOIN identity.blocking_key AS other ON other.key = usable.key AND other.record_id <> own.record_id
