-- Upsert the page in landing_page: a record is written only where its content, or its being deleted, differs. What is written becomes pending.
WITH changed AS (
    SELECT page.*, record.id AS record_id
    FROM landing_page AS page
    LEFT JOIN landing.record AS record ON record.ref = :source || '/' || :stream || '/' || page.key
    WHERE record.id IS NULL
       OR record.content_hash <> page.content_hash
       OR (record.deleted_at IS NOT NULL) <> page.deleted
),
inserted AS (
    INSERT INTO landing.record (ref, source, stream, key, payload, body, content_hash, source_updated_at, deleted_at)
    SELECT :source || '/' || :stream || '/' || key, :source, :stream, key, payload, body, content_hash, source_updated_at,
           CASE WHEN deleted THEN now() END
    FROM changed
    WHERE record_id IS NULL
    ORDER BY key
    RETURNING id, deleted_at IS NOT NULL AS deleted
),
updated AS (
    UPDATE landing.record AS record
    SET payload = changed.payload,
        body = changed.body,
        content_hash = changed.content_hash,
        source_updated_at = changed.source_updated_at,
        deleted_at = CASE WHEN changed.deleted THEN coalesce(record.deleted_at, now()) END,
        changed_at = now()
    FROM changed
    WHERE record.id = changed.record_id
    RETURNING record.id, changed.deleted
),
written AS (
    SELECT id, deleted FROM inserted UNION ALL SELECT id, deleted FROM updated
),
queued AS (
    INSERT INTO staging.pending (landing_id)
    SELECT id FROM written ORDER BY id
    ON CONFLICT (landing_id) DO UPDATE SET landing_id = excluded.landing_id
    RETURNING landing_id
)
SELECT count(*) FILTER (WHERE NOT deleted) AS written, count(*) FILTER (WHERE deleted) AS tombstoned, (SELECT count(*) FROM queued) AS queued
FROM written
