-- The live records of these parties.
SELECT membership.party_id, membership.confidence, party_record.id, party_record.ref, party_record.source, party_record.attributes,
    party_record.observed_at
FROM identity.membership
JOIN staging.party_record ON party_record.id = membership.record_id
WHERE membership.party_id = ANY (CAST(:party_ids AS text[])) AND membership.valid_to_at IS NULL AND party_record.deleted_at IS NULL
