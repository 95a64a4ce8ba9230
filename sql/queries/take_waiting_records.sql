-- Takes those of the records :ids that wait off the list, and gives them as they are; a record that is gone altogether has no ref. One that a
-- mapping is changing at this moment, or putting on the list, is passed over: it stays pending. Nobody is waited for by a resolver that
-- keeps others waiting.
WITH waiting AS MATERIALIZED (
    SELECT record_id FROM identity.pending WHERE record_id = ANY(CAST(:ids AS bigint[])) FOR UPDATE SKIP LOCKED
),
locked AS MATERIALIZED (
    SELECT id, ref, source, kind, attributes, content_hash, deleted_at IS NULL AS live
    FROM staging.party_record
    WHERE id IN (SELECT record_id FROM waiting)
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
SELECT * FROM free
