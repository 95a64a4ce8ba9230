-- Whose relationships may be others now: these parties, who claims one with them, who had one with them, and who is known by a key that
-- another organisation has now.
INSERT INTO golden.relationship_pending (party_id)
SELECT party_id
FROM (
    SELECT party_id FROM unnest(CAST(:party_ids AS text[])) AS given (party_id)
    UNION
    SELECT claims.party_id
    FROM identity.membership AS claimed
    JOIN staging.party_record AS target ON target.id = claimed.record_id
    JOIN staging.claim ON claim.to_ref = target.ref
    JOIN staging.party_record AS subject ON subject.ref = claim.from_ref AND subject.deleted_at IS NULL
    JOIN identity.membership AS claims ON claims.record_id = subject.id AND claims.valid_to_at IS NULL
    WHERE claimed.party_id = ANY (CAST(:party_ids AS text[])) AND claimed.valid_to_at IS NULL
    UNION
    SELECT from_party_id FROM golden.relationship
    WHERE to_party_id = ANY (CAST(:party_ids AS text[])) AND known_to_at IS NULL
    UNION
    SELECT party_id FROM golden.affiliation_key WHERE key = ANY (CAST(:keys AS text[])) AND role = 'works_at'
) AS concerned
ORDER BY party_id
ON CONFLICT DO NOTHING
