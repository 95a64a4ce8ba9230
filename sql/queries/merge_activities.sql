-- Bring staging.activity to new_activity for what is in touched_item; an activity's ref is its origin. What changed goes to the timeline, and its text to the passages.
WITH differing AS MATERIALIZED (
    SELECT fresh.*, (former.title, former.body) IS DISTINCT FROM (fresh.title, fresh.body) AS text_changed
    FROM new_activity AS fresh
    LEFT JOIN LATERAL (SELECT title, body, content_hash FROM staging.activity WHERE ref = fresh.ref OFFSET 0) AS former ON true
    WHERE former.content_hash IS DISTINCT FROM fresh.content_hash
),
written AS (
    INSERT INTO staging.activity (ref, source, stream, origin, kind, title, body, status, amount, currency, thread, url, attributes,
                                  data_class, untrusted, occurred_at, content_hash)
    SELECT ref, source, stream, ref, kind, title, body, status, amount, currency, thread, url, attributes,
           data_class, untrusted, occurred_at, content_hash
    FROM differing
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
),
gone AS (
    DELETE FROM staging.activity AS activity
    WHERE activity.ref = ANY (ARRAY(SELECT ref FROM touched_item))
      AND NOT EXISTS (SELECT FROM new_activity AS fresh WHERE fresh.ref = activity.ref)
    RETURNING activity.ref, true AS text_changed
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
