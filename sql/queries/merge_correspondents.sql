-- Bring the party records of addresses in touched_party (refs begin with :prefix) to new_party. One that is not there gets a tombstone.
WITH written AS (
    INSERT INTO staging.party_record (ref, source, stream, key, origin, kind, attributes, url, observed_at, content_hash)
    SELECT ref, source, stream, key, origin, kind, attributes, url, observed_at, content_hash
    FROM new_party AS fresh
    WHERE NOT EXISTS (
        SELECT FROM staging.party_record AS former
        WHERE former.ref = fresh.ref AND former.content_hash = fresh.content_hash AND former.deleted_at IS NULL OFFSET 0
    )
    ORDER BY ref
    ON CONFLICT (ref) DO UPDATE SET
        kind = excluded.kind,
        attributes = excluded.attributes,
        observed_at = excluded.observed_at,
        content_hash = excluded.content_hash,
        changed_at = now(),
        deleted_at = NULL
    RETURNING id
),
gone AS (
    UPDATE staging.party_record AS record
    SET deleted_at = now(), changed_at = now()
    WHERE record.ref = ANY (ARRAY(SELECT ref FROM touched_party WHERE starts_with(ref, :prefix)))
      AND record.deleted_at IS NULL
      AND NOT EXISTS (SELECT FROM new_party WHERE new_party.ref = record.ref)
    RETURNING record.id
),
changed AS (
    SELECT id FROM written UNION ALL SELECT id FROM gone
),
queued AS (
    INSERT INTO identity.pending (record_id)
    SELECT id FROM changed ORDER BY id
    ON CONFLICT (record_id) DO UPDATE SET record_id = excluded.record_id WHERE false
)
SELECT count(*) FROM changed
