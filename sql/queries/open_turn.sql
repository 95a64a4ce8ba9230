-- What a transaction of the resolver stands under, once it holds the lock: a moment later than every one written before, whatever the
-- machine's clock did meanwhile; the model in force; at most :limit of the pending records; whether there are records whose pairs are made
-- and whose parties are not yet; and about how many records there are, as of the last look of the database's own housekeeping, but no fewer
-- than must fill the table. Where no more than :few are pending, and nothing else is to be done first, they are taken off the list here and
-- given as they are; see take_waiting_records.
WITH listed AS MATERIALIZED (
    SELECT record_id FROM identity.pending LIMIT :limit
),
opening AS MATERIALIZED (
    SELECT
        greatest(
            clock_timestamp(),
            (SELECT occurred_at + interval '1 microsecond' FROM identity.event ORDER BY sequence DESC LIMIT 1)
        ) AS at,
        (SELECT version FROM identity.model WHERE status = 'in_force') AS version,
        ARRAY(SELECT record_id FROM listed) AS waiting,
        EXISTS (SELECT FROM identity.ungrouped) AS ungrouped,
        (SELECT greatest(reltuples, pg_relation_size(oid) / 2048)::bigint FROM pg_class WHERE oid = 'staging.party_record'::regclass)
            AS estimate
),
waiting AS MATERIALIZED (
    SELECT record_id
    FROM identity.pending
    WHERE record_id = ANY(
        ARRAY(SELECT unnest(waiting) FROM opening WHERE cardinality(waiting) <= :few AND version IS NOT NULL AND NOT ungrouped)
    )
    FOR UPDATE SKIP LOCKED
),
locked AS MATERIALIZED (
    SELECT id, ref, source, kind, attributes, content_hash, deleted_at IS NULL AS live
    FROM staging.party_record
    WHERE id = ANY(ARRAY(SELECT record_id FROM waiting))
    FOR SHARE SKIP LOCKED
),
free AS MATERIALIZED (
    SELECT * FROM locked
    UNION ALL
    SELECT record_id, NULL, NULL, NULL, NULL, NULL, NULL
    FROM waiting
    WHERE NOT EXISTS (SELECT FROM staging.party_record AS seen WHERE seen.id = waiting.record_id)
),
taken AS (
    DELETE FROM identity.pending USING free WHERE pending.record_id = free.id
)
SELECT opening.*, free.* FROM opening LEFT JOIN free ON true
