-- The record of a party on which an override of an attribute hangs: the one that gives the value now, else the one that gives the name,
-- else the first.
SELECT record.ref
FROM identity.membership
JOIN staging.party_record AS record ON record.id = membership.record_id AND record.deleted_at IS NULL
LEFT JOIN golden.attribute AS believed
    ON believed.party_id = membership.party_id AND believed.record_ref = record.ref AND believed.attribute IN (:attribute, 'name')
    AND believed.known_to_at IS NULL AND believed.valid_to_at IS NULL
WHERE membership.party_id = :party_id AND membership.valid_to_at IS NULL
ORDER BY (believed.attribute = :attribute) DESC NULLS LAST, believed.attribute = 'name' DESC NULLS LAST, record.ref
LIMIT 1
