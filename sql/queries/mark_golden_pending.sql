INSERT INTO golden.pending (party_id)
SELECT party_id FROM unnest(CAST(:party_ids AS text[])) AS given (party_id) ORDER BY party_id
ON CONFLICT DO NOTHING
