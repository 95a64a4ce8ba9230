-- The living records of a stream that are not among the keys that the source lists (present_key), in an order of the run's own.
SELECT key
FROM landing.record AS record
WHERE record.source = :source
  AND record.stream = :stream
  AND record.deleted_at IS NULL
  AND NOT EXISTS (SELECT FROM present_key WHERE present_key.key = record.key)
ORDER BY md5(record.key || CAST(:run AS text))
