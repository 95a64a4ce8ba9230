-- A living record of a stream that is among the keys that the source lists (present_key).
SELECT record.key
FROM present_key
JOIN landing.record AS record ON record.ref = :source || '/' || :stream || '/' || present_key.key
WHERE record.deleted_at IS NULL
LIMIT 1
