-- The records of these parties, as their sources say them.
SELECT membership.party_id, membership.confidence, party_record.id, party_record.ref, party_record.source, party_record.stream,
    party_record.key, party_record.kind, party_record.attributes, party_record.url, party_record.observed_at, party_record.changed_at
FROM identity.membership
JOIN staging.party_record ON party_record.id = membership.record_id
WHERE membership.party_id = ANY (CAST(:parties AS text[])) AND membership.valid_to_at IS NULL AND party_record.deleted_at IS NULL
ORDER BY membership.party_id, party_record.ref
