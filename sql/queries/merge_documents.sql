-- Bring staging.document to new_document for what is in touched_item. What changed goes to the timeline, and its text to the passages.
WITH updated AS (
    UPDATE staging.document AS document
    SET kind = fresh.kind,
        title = fresh.title,
        media_type = fresh.media_type,
        text = fresh.text,
        pages = fresh.pages,
        dated_on = fresh.dated_on,
        url = fresh.url,
        attributes = fresh.attributes,
        data_class = fresh.data_class,
        untrusted = fresh.untrusted,
        content_hash = fresh.content_hash,
        changed_at = now()
    FROM new_document AS fresh
    JOIN staging.document AS former ON former.ref = fresh.ref
    WHERE document.ref = fresh.ref
      AND document.content_hash <> fresh.content_hash
    RETURNING document.ref, (former.title, former.text) <> (fresh.title, fresh.text) AS text_changed
),
inserted AS (
    INSERT INTO staging.document (ref, source, stream, origin, kind, title, media_type, text, pages, dated_on, url, attributes,
                                  data_class, untrusted, content_hash)
    SELECT ref, source, stream, origin, kind, title, media_type, text, pages, dated_on, url, attributes, data_class, untrusted, content_hash
    FROM new_document AS fresh
    WHERE NOT EXISTS (SELECT FROM staging.document AS document WHERE document.ref = fresh.ref)
    ORDER BY ref
    RETURNING ref, true AS text_changed
),
gone AS (
    DELETE FROM staging.document AS document
    USING touched_item
    WHERE document.ref = touched_item.ref
      AND NOT EXISTS (SELECT FROM new_document AS fresh WHERE fresh.ref = document.ref)
    RETURNING document.ref, true AS text_changed
),
changed AS (
    SELECT * FROM updated UNION ALL SELECT * FROM inserted UNION ALL SELECT * FROM gone
),
queued AS (
    INSERT INTO context.pending (step, subject)
    SELECT step, ref
    FROM changed, (VALUES ('passages'), ('timeline')) AS steps (step)
    WHERE step = 'timeline' OR text_changed
    ORDER BY step, ref
    ON CONFLICT (step, subject) DO UPDATE SET subject = excluded.subject
)
SELECT count(*) FROM changed
