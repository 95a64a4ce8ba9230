-- Remove claims of the origins in scope_origin that are not in new_claim as they stand; both their parties are to be resolved again.
WITH removed AS (
    DELETE FROM staging.claim AS claim
    WHERE claim.origin = ANY (ARRAY(SELECT origin FROM scope_origin))
      AND NOT EXISTS (
          SELECT FROM new_claim AS fresh
          WHERE fresh.origin = claim.origin
            AND fresh.position = claim.position
            AND fresh.kind = claim.kind
            AND fresh.from_ref = claim.from_ref
            AND fresh.to_ref = claim.to_ref
            AND fresh.attributes = claim.attributes
            AND fresh.valid_from_on IS NOT DISTINCT FROM claim.valid_from_on
            AND fresh.valid_to_on IS NOT DISTINCT FROM claim.valid_to_on
      )
    RETURNING claim.from_ref, claim.to_ref
),
queued AS (
    INSERT INTO identity.pending (record_id)
    SELECT record.id
    FROM staging.party_record AS record
    WHERE record.ref = ANY (ARRAY(SELECT from_ref FROM removed UNION SELECT to_ref FROM removed))
    ORDER BY record.id
    ON CONFLICT (record_id) DO UPDATE SET record_id = excluded.record_id WHERE false
)
SELECT count(*) FROM removed
