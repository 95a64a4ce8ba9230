-- Add what is in new_claim and not there yet; both parties of each are to be resolved again.
WITH added AS (
    INSERT INTO staging.claim (origin, position, kind, from_ref, to_ref, attributes, valid_from_on, valid_to_on)
    SELECT origin, position, kind, from_ref, to_ref, attributes, valid_from_on, valid_to_on
    FROM new_claim
    ORDER BY origin, position
    ON CONFLICT (origin, position) DO NOTHING
    RETURNING from_ref, to_ref
),
queued AS (
    INSERT INTO identity.pending (record_id)
    SELECT record.id
    FROM staging.party_record AS record
    WHERE record.ref = ANY (ARRAY(SELECT from_ref FROM added UNION SELECT to_ref FROM added))
    ORDER BY record.id
    ON CONFLICT (record_id) DO UPDATE SET record_id = excluded.record_id WHERE false
)
SELECT count(*) FROM added
