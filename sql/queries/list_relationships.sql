-- A party's relationships to others and from others, as believed now: those in force first.
SELECT relationship.kind, sides.direction, other.party_id, other.name,
    other.document -> 'name' ->> 'record_ref' AS name_ref,
    relationship.attributes, relationship.evidence,
    CASE WHEN relationship.kind <> 'employment' THEN (
        SELECT array_agg(DISTINCT party_record.ref ORDER BY party_record.ref)
        FROM staging.claim
        JOIN staging.party_record ON party_record.ref = CASE sides.direction WHEN 'to' THEN claim.to_ref ELSE claim.from_ref END
        JOIN identity.membership ON membership.record_id = party_record.id AND membership.valid_to_at IS NULL
        WHERE claim.origin = ANY (relationship.evidence) AND claim.kind = relationship.kind AND membership.party_id = other.party_id
    ) END AS claimed,
    relationship.valid_from_at, relationship.valid_to_at,
    to_char(relationship.valid_from_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS since,
    to_char(relationship.valid_to_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS until
FROM (
    SELECT id, 'to' AS direction, to_party_id AS other_id FROM golden.relationship WHERE from_party_id = :party AND known_to_at IS NULL
    UNION ALL
    SELECT id, 'from', from_party_id FROM golden.relationship WHERE to_party_id = :party AND known_to_at IS NULL
) AS sides
JOIN golden.relationship ON relationship.id = sides.id
JOIN golden.record AS other ON other.party_id = sides.other_id
ORDER BY relationship.valid_to_at IS NOT NULL, sides.direction DESC, relationship.kind, other.name, other.party_id
LIMIT 500
