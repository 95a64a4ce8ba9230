-- The party that an id stands for now: itself, or what it was merged into, however many times; nothing where it is no more.
WITH RECURSIVE step AS (
    SELECT CAST(:party AS text) AS id, 0 AS depth
    UNION ALL
    SELECT redirect.to_id, step.depth + 1
    FROM step
    JOIN identity.redirect ON redirect.from_id = step.id
    WHERE step.depth < 100
)
SELECT record.party_id
FROM step
JOIN golden.record ON record.party_id = step.id
ORDER BY step.depth DESC
LIMIT 1
