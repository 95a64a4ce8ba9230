SELECT membership.party_id
FROM staging.party_record AS record
JOIN identity.membership AS membership ON membership.record_id = record.id AND membership.valid_to_at IS NULL
WHERE record.ref = :ref
