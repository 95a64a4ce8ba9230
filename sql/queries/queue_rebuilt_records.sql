-- What remains to be done once the profiles of all records are made anew: every party, and the records that are other than their profile says.
WITH renewed AS (
    INSERT INTO identity.ungrouped (record_id, changed)
    SELECT next.record_id, coalesce(former.content_hash <> next.content_hash, false)
    FROM identity.next_profile AS next
    LEFT JOIN identity.profile AS former USING (record_id)
    ORDER BY next.record_id
    ON CONFLICT (record_id) DO UPDATE SET changed = ungrouped.changed OR excluded.changed
),
stale AS MATERIALIZED (
    SELECT coalesce(record.id, next.record_id) AS record_id
    FROM (SELECT id, content_hash FROM staging.party_record WHERE deleted_at IS NULL) AS record
    FULL JOIN identity.next_profile AS next ON next.record_id = record.id
    WHERE next.content_hash IS DISTINCT FROM record.content_hash
),
done AS (
    DELETE FROM identity.pending USING identity.next_profile AS next
    WHERE pending.record_id = next.record_id AND NOT EXISTS (SELECT FROM stale WHERE stale.record_id = pending.record_id)
)
INSERT INTO identity.pending (record_id) SELECT record_id FROM stale ORDER BY record_id
ON CONFLICT DO NOTHING
