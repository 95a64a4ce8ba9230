-- For records in no party now: the one they were last in, where it was left without records and stands for nobody else.
SELECT record_id, party_id
FROM (
    SELECT DISTINCT ON (record_id) record_id, party_id
    FROM identity.membership
    WHERE record_id = ANY(CAST(:ids AS bigint[]))
    ORDER BY record_id, valid_from_at DESC, id DESC
) AS last
JOIN identity.party AS party ON party.id = last.party_id
WHERE party.retired_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM identity.redirect WHERE from_id = party.id)
