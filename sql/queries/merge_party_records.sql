-- Bring staging.party_record to new_party for the origins in scope_origin. Those that are gone get a tombstone; what changed is to be resolved.
WITH updated AS (
    UPDATE staging.party_record AS record
    SET origin = new_party.origin,
        kind = new_party.kind,
        attributes = new_party.attributes,
        url = new_party.url,
        observed_at = new_party.observed_at,
        content_hash = new_party.content_hash,
        changed_at = now(),
        deleted_at = NULL
    FROM new_party
    WHERE record.ref = new_party.ref
      AND (record.content_hash <> new_party.content_hash OR record.deleted_at IS NOT NULL)
    RETURNING record.id
),
inserted AS (
    INSERT INTO staging.party_record (ref, source, stream, key, origin, kind, attributes, url, observed_at, content_hash)
    SELECT ref, source, stream, key, origin, kind, attributes, url, observed_at, content_hash
    FROM new_party
    WHERE NOT EXISTS (SELECT FROM staging.party_record AS record WHERE record.ref = new_party.ref)
    ORDER BY ref
    RETURNING id
),
gone AS (
    UPDATE staging.party_record AS record
    SET deleted_at = now(), changed_at = now()
    FROM (
        SELECT former.id
        FROM scope_origin
        CROSS JOIN LATERAL (
            SELECT id, ref FROM staging.party_record WHERE origin = scope_origin.origin AND deleted_at IS NULL OFFSET 0
        ) AS former
        WHERE NOT EXISTS (SELECT FROM new_party WHERE new_party.ref = former.ref)
    ) AS former
    WHERE record.id = former.id
    RETURNING record.id
),
queued AS (
    INSERT INTO identity.pending (record_id)
    SELECT id FROM (SELECT id FROM updated UNION ALL SELECT id FROM inserted UNION ALL SELECT id FROM gone) AS changed ORDER BY id
    ON CONFLICT (record_id) DO UPDATE SET record_id = excluded.record_id
    RETURNING record_id
)
SELECT count(*) FROM queued
