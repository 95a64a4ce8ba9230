INSERT INTO identity.pending (record_id)
SELECT id FROM staging.party_record WHERE deleted_at IS NULL ORDER BY id
ON CONFLICT DO NOTHING
