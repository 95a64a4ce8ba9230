-- Bring staging.document to new_document for what is in touched_item. What changed goes to the timeline, and its text to the passages.
WITH written AS (
    INSERT INTO staging.document (ref, source, stream, origin, kind, title, media_type, text, pages, dated_on, url, attributes,
                                  data_class, untrusted, content_hash)
    SELECT ref, source, stream, origin, kind, title, media_type, text, pages, dated_on, url, attributes, data_class, untrusted, content_hash
    FROM new_document AS fresh
    WHERE NOT EXISTS (
        SELECT FROM staging.document AS former WHERE former.ref = fresh.ref AND former.content_hash = fresh.content_hash OFFSET 0
    )
    ORDER BY ref
    ON CONFLICT (ref) DO UPDATE SET
        kind = excluded.kind,
        title = excluded.title,
        media_type = excluded.media_type,
        text = excluded.text,
        pages = excluded.pages,
        dated_on = excluded.dated_on,
        url = excluded.url,
        attributes = excluded.attributes,
        data_class = excluded.data_class,
        untrusted = excluded.untrusted,
        content_hash = excluded.content_hash,
        changed_at = now()
    RETURNING new.ref, (old.title, old.text) IS DISTINCT FROM (new.title, new.text) AS text_changed
),
gone AS (
    DELETE FROM staging.document AS document
    WHERE document.ref = ANY (ARRAY(SELECT ref FROM touched_item))
      AND NOT EXISTS (SELECT FROM new_document AS fresh WHERE fresh.ref = document.ref)
    RETURNING document.ref, true AS text_changed
),
changed AS (
    SELECT * FROM written UNION ALL SELECT * FROM gone
),
queued AS (
    INSERT INTO context.pending (step, subject)
    SELECT step, ref
    FROM changed, (VALUES ('passages'), ('timeline')) AS steps (step)
    WHERE step = 'timeline' OR text_changed
    ORDER BY step, ref
    ON CONFLICT (step, subject) DO UPDATE SET subject = excluded.subject WHERE false
)
SELECT count(*) FROM changed
