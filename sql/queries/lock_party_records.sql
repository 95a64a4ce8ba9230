-- A record that a mapping is changing at this moment is passed over: it stays pending, and nobody waits for anybody.
SELECT id
FROM staging.party_record
WHERE id = ANY(CAST(:ids AS bigint[]))
FOR SHARE SKIP LOCKED
