-- The party that an id stands for now: itself, or what it was merged into, and that into. Nothing where there never was such a party.
WITH RECURSIVE step (id, hops) AS (
    SELECT CAST(:party_id AS text), 0
    UNION ALL
    SELECT redirect.to_id, step.hops + 1
    FROM step
    JOIN identity.redirect AS redirect ON redirect.from_id = step.id
    WHERE step.hops < 1000
)
SELECT party.id
FROM step
JOIN identity.party AS party ON party.id = step.id
ORDER BY step.hops DESC
LIMIT 1
