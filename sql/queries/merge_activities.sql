-- Bring staging.activity to new_activity for what is in touched_item; an activity's ref is its origin. What changed goes to the timeline, and its text to the passages.
WITH written AS (
    INSERT INTO staging.activity (ref, source, stream, origin, kind, title, body, status, amount, currency, thread, url, attributes,
                                  data_class, untrusted, occurred_at, content_hash)
    SELECT ref, source, stream, ref, kind, title, body, status, amount, currency, thread, url, attributes,
           data_class, untrusted, occurred_at, content_hash
    FROM new_activity AS fresh
    WHERE NOT EXISTS (
        SELECT FROM staging.activity AS former WHERE former.ref = fresh.ref AND former.content_hash = fresh.content_hash OFFSET 0
    )
    ORDER BY ref
    ON CONFLICT (ref) DO UPDATE SET
        kind = excluded.kind,
        title = excluded.title,
        body = excluded.body,
        status = excluded.status,
        amount = excluded.amount,
        currency = excluded.currency,
        thread = excluded.thread,
        url = excluded.url,
        attributes = excluded.attributes,
        data_class = excluded.data_class,
        untrusted = excluded.untrusted,
        occurred_at = excluded.occurred_at,
        content_hash = excluded.content_hash,
        changed_at = now()
    RETURNING new.ref, (old.title, old.body) IS DISTINCT FROM (new.title, new.body) AS text_changed
),
gone AS (
    DELETE FROM staging.activity AS activity
    WHERE activity.ref = ANY (ARRAY(SELECT ref FROM touched_item))
      AND NOT EXISTS (SELECT FROM new_activity AS fresh WHERE fresh.ref = activity.ref)
    RETURNING activity.ref, true AS text_changed
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
