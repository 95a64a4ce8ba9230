-- Every landed record of a stream is to be mapped again.
INSERT INTO staging.pending (landing_id)
SELECT id FROM landing.record WHERE source = :source AND stream = :stream ORDER BY id
ON CONFLICT (landing_id) DO UPDATE SET landing_id = excluded.landing_id
