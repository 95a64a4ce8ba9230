-- How many living records of a stream are not among the keys that the source lists (present_key).
SELECT count(*)
FROM landing.record AS record
WHERE record.source = :source
  AND record.stream = :stream
  AND record.deleted_at IS NULL
  AND NOT EXISTS (SELECT FROM present_key WHERE present_key.key = record.key)
