-- Remove claims of the origins in scope_origin that are not in new_claim as they stand; both their parties are to be resolved again.
WITH removed AS (
    DELETE FROM staging.claim AS claim
    USING (
        SELECT former.*
        FROM scope_origin
        CROSS JOIN LATERAL (SELECT * FROM staging.claim WHERE origin = scope_origin.origin OFFSET 0) AS former
        WHERE NOT EXISTS (
            SELECT FROM new_claim AS fresh
            WHERE fresh.origin = former.origin
              AND fresh.position = former.position
              AND fresh.kind = former.kind
              AND fresh.from_ref = former.from_ref
              AND fresh.to_ref = former.to_ref
              AND fresh.attributes = former.attributes
              AND fresh.valid_from_on IS NOT DISTINCT FROM former.valid_from_on
              AND fresh.valid_to_on IS NOT DISTINCT FROM former.valid_to_on
        )
    ) AS former
    WHERE claim.origin = former.origin AND claim.position = former.position
    RETURNING claim.from_ref, claim.to_ref
),
queued AS (
    INSERT INTO identity.pending (record_id)
    SELECT record.id
    FROM staging.party_record AS record
    WHERE record.ref IN (SELECT from_ref FROM removed UNION SELECT to_ref FROM removed)
    ORDER BY record.id
    ON CONFLICT (record_id) DO UPDATE SET record_id = excluded.record_id
)
SELECT count(*) FROM removed
