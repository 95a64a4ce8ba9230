-- Makes profiles and keys of the records :ids those given; gives, for each key that gained or lost a record, by how many, and
-- whether it is of an identifier that too many records share. A profile or key that is as it was is left alone.
WITH wanted AS MATERIALIZED (
    SELECT key, record_id, rule
    FROM unnest(CAST(:keys AS bigint[]), CAST(:key_records AS bigint[]), CAST(:rules AS smallint[])) AS given (key, record_id, rule)
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
),
forgotten AS (
    DELETE FROM identity.profile WHERE record_id = ANY(CAST(:forgotten AS bigint[]))
),
kept AS (
    INSERT INTO identity.profile AS former (record_id, ref, kind, terms, content_hash)
    SELECT record_id, ref, kind, CAST(terms AS jsonb), content_hash
    FROM unnest(
        CAST(:records AS bigint[]), CAST(:refs AS text[]), CAST(:kinds AS smallint[]), CAST(:terms AS text[]), CAST(:hashes AS bytea[])
    ) AS given (record_id, ref, kind, terms, content_hash)
    ON CONFLICT (record_id) DO UPDATE
    SET ref = excluded.ref, kind = excluded.kind, terms = excluded.terms, content_hash = excluded.content_hash
    WHERE (former.ref, former.kind, former.terms, former.content_hash)
        IS DISTINCT FROM (excluded.ref, excluded.kind, excluded.terms, excluded.content_hash)
)
SELECT
    key, rule, sum(gained)::int AS added, sum(lost)::int AS removed,
    (SELECT true FROM identity.shared_identifier WHERE shared_identifier.key = change.key LIMIT 1) IS NOT NULL AS shared
FROM (SELECT key, rule, 1 AS gained, 0 AS lost FROM added UNION ALL SELECT key, rule, 0, 1 FROM removed) AS change
GROUP BY key, rule
