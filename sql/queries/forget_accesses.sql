-- Delete requests of more than so many days ago from the access log, the oldest first and at most ten thousand: a sync makes fewer.
WITH oldest AS (
    SELECT id, requested_at FROM landing.access_log ORDER BY id LIMIT 10000
)
DELETE FROM landing.access_log AS log
USING oldest
WHERE log.id = oldest.id
  AND oldest.requested_at < now() - make_interval(days => :days)
