-- Write the records of landed_change, which are there under their ids, as they are now; they become pending.
WITH updated AS (
    UPDATE landing.record AS record
    SET payload = fresh.payload,
        body = fresh.body,
        content_hash = fresh.content_hash,
        source_updated_at = fresh.source_updated_at,
        deleted_at = CASE WHEN fresh.deleted THEN coalesce(record.deleted_at, now()) END,
        changed_at = now()
    FROM landed_change AS fresh
    WHERE record.id = fresh.id
    RETURNING record.id
)
INSERT INTO staging.pending (landing_id)
SELECT id FROM updated ORDER BY id
ON CONFLICT (landing_id) DO UPDATE SET landing_id = excluded.landing_id
