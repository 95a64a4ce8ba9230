-- Makes the keys of the records :ids those wanted; gives, for each key that gained or lost a record, by how many.
WITH wanted AS MATERIALIZED (
    SELECT key, record_id, rule
    FROM unnest(CAST(:keys AS bigint[]), CAST(:records AS bigint[]), CAST(:rules AS smallint[])) AS given (key, record_id, rule)
),
held AS MATERIALIZED (
    SELECT key, record_id, rule FROM identity.blocking_key WHERE record_id = ANY(CAST(:ids AS bigint[]))
),
removed AS (
    DELETE FROM identity.blocking_key AS old
    USING (SELECT key, record_id, rule FROM held EXCEPT SELECT key, record_id, rule FROM wanted) AS gone
    WHERE old.key = gone.key AND old.record_id = gone.record_id
    RETURNING old.key, old.rule
),
added AS (
    INSERT INTO identity.blocking_key (key, record_id, rule)
    SELECT key, record_id, rule FROM wanted EXCEPT SELECT key, record_id, rule FROM held
    RETURNING key, rule
)
SELECT key, rule, sum(gained)::int AS added, sum(lost)::int AS removed
FROM (SELECT key, rule, 1 AS gained, 0 AS lost FROM added UNION ALL SELECT key, rule, 0, 1 FROM removed) AS change
GROUP BY key, rule
