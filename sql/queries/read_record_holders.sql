-- The party of each of these records, of those that live and have one.
SELECT party_record.ref, membership.party_id
FROM staging.party_record
JOIN identity.membership ON membership.record_id = party_record.id AND membership.valid_to_at IS NULL
WHERE party_record.ref = ANY (CAST(:refs AS text[])) AND party_record.deleted_at IS NULL
