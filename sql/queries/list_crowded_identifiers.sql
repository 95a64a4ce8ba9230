-- The identifiers that more than :limit records hold, each with one of its holders. :rule is that of identifiers in the index.
SELECT key, min(record_id) AS record_id
FROM identity.blocking_key
WHERE rule = :rule
GROUP BY key
HAVING count(*) > :limit
