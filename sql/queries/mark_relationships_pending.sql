-- Whose relationships may be others now: these parties, who claims one with a record of theirs, who had one with them, and who is known
-- by a key that another organisation has now.
INSERT INTO golden.relationship_pending (party_id)
SELECT party_id
FROM (
    SELECT party_id FROM unnest(CAST(:party_ids AS text[])) AS given (party_id)
    UNION
    SELECT claims.party_id
    FROM staging.claim
    JOIN staging.party_record AS subject ON subject.ref = claim.from_ref AND subject.deleted_at IS NULL
    JOIN identity.membership AS claims ON claims.record_id = subject.id AND claims.valid_to_at IS NULL
    WHERE claim.to_ref = ANY (CAST(:refs AS text[]))
    UNION
    SELECT from_party_id FROM golden.relationship
    WHERE to_party_id = ANY (CAST(:party_ids AS text[])) AND known_to_at IS NULL
    UNION
    SELECT party_id FROM golden.affiliation_key WHERE key = ANY (CAST(:keys AS text[])) AND role = 'works_at'
) AS concerned
ORDER BY party_id
ON CONFLICT DO NOTHING
