-- For those of the records that left a party at this moment: which.
SELECT record_id, party_id
FROM identity.membership
WHERE record_id = ANY(CAST(:ids AS bigint[])) AND valid_to_at = CAST(:at AS timestamptz)
