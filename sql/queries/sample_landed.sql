-- Some living records of a stream: always the same, and from all over it.
SELECT * FROM landing.record
WHERE source = :source AND stream = :stream AND deleted_at IS NULL
ORDER BY md5(ref)
LIMIT :sample
