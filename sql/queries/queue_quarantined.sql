-- The landed records that these rows of the quarantine speak of are to be mapped again.
INSERT INTO staging.pending (landing_id)
SELECT record.id
FROM landing.quarantine AS waiting
JOIN landing.record AS record ON record.ref = waiting.source || '/' || waiting.stream || '/' || waiting.key
WHERE waiting.id = ANY (CAST(:ids AS bigint[])) AND waiting.stage = 'map'
ORDER BY record.id
ON CONFLICT (landing_id) DO UPDATE SET landing_id = excluded.landing_id
