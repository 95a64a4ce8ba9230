-- Bring staging.document to new_document for what is in touched_item. What changed goes to the timeline, and its text to the passages.
WITH differing AS MATERIALIZED (
    SELECT fresh.*, (former.title, former.text) IS DISTINCT FROM (fresh.title, fresh.text) AS text_changed
    FROM new_document AS fresh
    LEFT JOIN LATERAL (SELECT title, text, content_hash FROM staging.document WHERE ref = fresh.ref OFFSET 0) AS former ON true
    WHERE former.content_hash IS DISTINCT FROM fresh.content_hash
),
written AS (
    INSERT INTO staging.document (ref, source, stream, origin, kind, title, media_type, text, pages, dated_on, url, attributes,
                                  data_class, untrusted, content_hash)
    SELECT ref, source, stream, origin, kind, title, media_type, text, pages, dated_on, url, attributes, data_class, untrusted, content_hash
    FROM differing
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
),
gone AS (
    DELETE FROM staging.document AS document
    WHERE document.ref = ANY (ARRAY(SELECT ref FROM touched_item))
      AND NOT EXISTS (SELECT FROM new_document AS fresh WHERE fresh.ref = document.ref)
    RETURNING document.ref, true AS text_changed
),
changed AS (
    SELECT ref, text_changed FROM differing UNION ALL SELECT ref, text_changed FROM gone
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
