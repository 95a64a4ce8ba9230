-- What is there under these refs already.
SELECT key, id, content_hash, deleted_at IS NOT NULL AS deleted FROM landing.record WHERE ref = ANY (CAST(:refs AS text[]))
