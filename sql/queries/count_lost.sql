-- How many living records of a stream were in a place that is gone, and are in no other.
SELECT count(*)
FROM landing.record AS record
WHERE record.ref IN (SELECT :source || '/' || :stream || '/' || key FROM landing.place WHERE source = :source AND stream = :stream AND gone)
  AND record.deleted_at IS NULL
  AND NOT EXISTS (
      SELECT FROM landing.place AS place
      WHERE place.source = :source AND place.stream = :stream AND place.key = record.key AND NOT place.gone
  )
