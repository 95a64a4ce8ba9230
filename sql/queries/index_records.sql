-- Makes profiles and keys of the records :ids those given; one that is as it was is left alone. One row: what their keys lead to then. The
-- candidate pairs that they make with any record by a key whose block is not too large, with the profiles of the others of these; the pairs
-- kept of them; whether a judgement speaks of them; which of the keys that gained or lost a record went over their limit, or came back under
-- it; and which of these are of identifiers that too many records share. A block is counted no further than the answer needs. The index is
-- seen as it was before: what is gained and lost is reckoned in. What is lost is deleted by its place: sought by key, many would be sought by
-- a scan of the whole index.
WITH wanted AS (
    SELECT *
    FROM unnest(CAST(:keys AS bigint[]), CAST(:key_records AS bigint[]), CAST(:rules AS smallint[])) AS given (key, record_id, rule)
),
held AS (
    SELECT ctid AS place, key, record_id, rule FROM identity.blocking_key WHERE record_id = ANY(CAST(:ids AS bigint[]))
),
gone AS (
    SELECT *
    FROM held
    WHERE NOT EXISTS (SELECT FROM wanted WHERE wanted.key = held.key AND wanted.record_id = held.record_id AND wanted.rule = held.rule)
),
new AS (
    TABLE wanted EXCEPT SELECT key, record_id, rule FROM held
),
removed AS (
    DELETE FROM identity.blocking_key WHERE ctid = ANY(ARRAY(SELECT place FROM gone))
),
added AS (
    INSERT INTO identity.blocking_key (key, record_id, rule) TABLE new
),
forgotten AS (
    DELETE FROM identity.profile WHERE record_id = ANY(CAST(:forgotten AS bigint[]))
),
written AS (
    INSERT INTO identity.profile AS former (record_id, ref, kind, terms, content_hash)
    SELECT *
    FROM unnest(
        CAST(:records AS bigint[]), CAST(:refs AS text[]), CAST(:kinds AS smallint[]), CAST(:terms AS jsonb[]), CAST(:hashes AS bytea[])
    )
    ON CONFLICT (record_id) DO UPDATE
    SET ref = excluded.ref, kind = excluded.kind, terms = excluded.terms, content_hash = excluded.content_hash
    WHERE (former.ref, former.kind, former.terms, former.content_hash)
        IS DISTINCT FROM (excluded.ref, excluded.kind, excluded.terms, excluded.content_hash)
),
asked AS (
    SELECT
        key, rule, sum(gained)::int AS gained, sum(lost)::int AS lost,
        CASE WHEN rule = :identifier_rule THEN :identifier WHEN rule = ANY(CAST(:telling AS smallint[])) THEN :cap ELSE :crowd END AS most
    FROM (
        SELECT key, rule, 1 AS gained, 0 AS lost FROM new
        UNION ALL SELECT key, rule, 0, 1 FROM gone
        UNION ALL SELECT key, rule, 0, 0 FROM wanted WHERE rule <> :identifier_rule
    ) AS each
    GROUP BY key, rule
),
block AS (
    SELECT asked.*, former.records AS before, former.records + gained - lost AS records, former.holders
    FROM asked
    CROSS JOIN LATERAL (
        SELECT count(*)::int AS records, array_agg(record_id) AS holders
        FROM (SELECT record_id FROM identity.blocking_key WHERE key = asked.key LIMIT asked.most + asked.lost + 1) AS counted
    ) AS former
),
small AS (
    SELECT key, holders FROM block WHERE rule <> :identifier_rule AND records BETWEEN 2 AND most
),
met AS (
    SELECT least(own.record_id, other.id) AS left_id, greatest(own.record_id, other.id) AS right_id
    FROM small
    JOIN wanted AS own ON own.key = small.key
    CROSS JOIN LATERAL unnest(small.holders) AS other (id)
    WHERE other.id <> own.record_id AND NOT EXISTS (SELECT FROM gone WHERE gone.key = small.key AND gone.record_id = other.id)
    UNION
    SELECT own.record_id, other.record_id
    FROM small
    JOIN wanted AS own ON own.key = small.key
    JOIN wanted AS other ON other.key = small.key AND other.record_id > own.record_id
),
others AS (
    (SELECT left_id AS id FROM met UNION SELECT right_id FROM met) EXCEPT SELECT unnest(CAST(:ids AS bigint[]))
),
kept AS (
    SELECT left_id, right_id, linked, probability FROM identity.pair WHERE left_id = ANY(CAST(:ids AS bigint[]))
    UNION
    SELECT left_id, right_id, linked, probability FROM identity.pair WHERE right_id = ANY(CAST(:ids AS bigint[]))
)
SELECT *, EXISTS (
    SELECT FROM identity.judgement
    WHERE superseded_at IS NULL AND (left_id = ANY(CAST(:ids AS bigint[])) OR right_id = ANY(CAST(:ids AS bigint[])))
) AS judged
FROM (SELECT array_agg(left_id) AS met_left, array_agg(right_id) AS met_right FROM met) AS pairs
CROSS JOIN (
    SELECT json_agg(json_build_array(record_id, ref, kind, terms))::text AS profiles
    FROM identity.profile
    WHERE record_id = ANY(ARRAY(SELECT id FROM others))
) AS near
CROSS JOIN (
    SELECT array_agg(left_id) AS held_left, array_agg(right_id) AS held_right, array_agg(linked) AS held_linked,
        array_agg(probability) AS held_probability
    FROM kept
) AS kept_pairs
CROSS JOIN (
    SELECT array_agg(key) AS crossed_keys, array_agg(rule) AS crossed_rules, array_agg(records > most) AS crossed_over
    FROM block
    WHERE (records > most) <> (before > most)
) AS crossed
CROSS JOIN (
    SELECT array_agg(key) AS shared
    FROM block
    WHERE rule = :identifier_rule AND (SELECT true FROM identity.shared_identifier AS listed WHERE listed.key = block.key LIMIT 1)
) AS counted
