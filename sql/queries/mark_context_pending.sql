-- Parties whose timeline and summary are to be made again.
INSERT INTO context.pending (step, subject)
SELECT step, party_id
FROM unnest(CAST(:party_ids AS text[])) AS given (party_id)
CROSS JOIN unnest(ARRAY['summary', 'timeline']) AS steps (step)
ORDER BY step, party_id
ON CONFLICT DO NOTHING
