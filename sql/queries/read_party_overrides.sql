-- The overrides in force of these parties: an override goes with the record it hangs on, and where that belongs to nobody any longer,
-- with the party for which it was made, or what that was merged into.
WITH RECURSIVE former (party_id, id) AS (
    SELECT party_id, party_id FROM unnest(CAST(:party_ids AS text[])) AS given (party_id)
    UNION
    SELECT former.party_id, redirect.from_id FROM former JOIN identity.redirect ON redirect.to_id = former.id
),
held AS (
    SELECT membership.party_id, override.id
    FROM golden.override
    JOIN staging.party_record ON party_record.ref = override.record_ref AND party_record.deleted_at IS NULL
    JOIN identity.membership ON membership.record_id = party_record.id AND membership.valid_to_at IS NULL
    WHERE override.withdrawn_at IS NULL
)
SELECT mine.party_id, override.id, override.attribute, override.value, override.record_ref, override.created_at
FROM (
    SELECT party_id, id FROM held WHERE party_id = ANY (CAST(:party_ids AS text[]))
    UNION
    SELECT former.party_id, override.id
    FROM former
    JOIN golden.override ON override.party_id = former.id AND override.withdrawn_at IS NULL
    WHERE NOT EXISTS (SELECT FROM held WHERE held.id = override.id)
) AS mine
JOIN golden.override ON override.id = mine.id
