-- Bring staging.activity to new_activity for what is in touched_item; an activity's ref is its origin. What changed goes to the timeline, and its text to the passages.
WITH updated AS (
    UPDATE staging.activity AS activity
    SET kind = fresh.kind,
        title = fresh.title,
        body = fresh.body,
        status = fresh.status,
        amount = fresh.amount,
        currency = fresh.currency,
        thread = fresh.thread,
        url = fresh.url,
        attributes = fresh.attributes,
        data_class = fresh.data_class,
        untrusted = fresh.untrusted,
        occurred_at = fresh.occurred_at,
        content_hash = fresh.content_hash,
        changed_at = now()
    FROM new_activity AS fresh
    JOIN staging.activity AS former ON former.ref = fresh.ref
    WHERE activity.ref = fresh.ref
      AND activity.content_hash <> fresh.content_hash
    RETURNING activity.ref, (former.title, former.body) <> (fresh.title, fresh.body) AS text_changed
),
inserted AS (
    INSERT INTO staging.activity (ref, source, stream, origin, kind, title, body, status, amount, currency, thread, url, attributes,
                                  data_class, untrusted, occurred_at, content_hash)
    SELECT ref, source, stream, ref, kind, title, body, status, amount, currency, thread, url, attributes,
           data_class, untrusted, occurred_at, content_hash
    FROM new_activity AS fresh
    WHERE NOT EXISTS (SELECT FROM staging.activity AS activity WHERE activity.ref = fresh.ref)
    ORDER BY ref
    RETURNING ref, true AS text_changed
),
gone AS (
    DELETE FROM staging.activity AS activity
    USING touched_item
    WHERE activity.ref = touched_item.ref
      AND NOT EXISTS (SELECT FROM new_activity AS fresh WHERE fresh.ref = activity.ref)
    RETURNING activity.ref, true AS text_changed
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
