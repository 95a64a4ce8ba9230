-- At most :most of the keys that the source lists (present_key) and of which nothing has landed, in an order of the run's own, and with each
-- how many they are. What is in quarantine is known of, and so is what was dropped from it.
SELECT present_key.key, count(*) OVER () AS total
FROM present_key
WHERE NOT EXISTS (SELECT FROM landing.record WHERE record.ref = :source || '/' || :stream || '/' || present_key.key)
  AND NOT EXISTS (
      SELECT FROM landing.quarantine AS held
      WHERE held.source = :source AND held.stream = :stream AND held.key = present_key.key AND held.stage = 'pull'
        AND (held.resolved_at IS NULL OR held.dropped_by IS NOT NULL)
  )
GROUP BY present_key.key
ORDER BY md5(present_key.key || CAST(:run AS text))
LIMIT :most
