INSERT INTO identity.pending (record_id)
SELECT id FROM unnest(CAST(:ids AS bigint[])) AS given (id) ORDER BY id
ON CONFLICT DO NOTHING
