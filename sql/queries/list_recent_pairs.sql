-- Kept pairs of the records that something happened to last, without those that are ruled or judged.
WITH recent AS MATERIALIZED (
    SELECT DISTINCT record.id
    FROM (
        SELECT record_ref FROM identity.event WHERE record_ref IS NOT NULL ORDER BY sequence DESC LIMIT :records
    ) AS event
    JOIN staging.party_record AS record ON record.ref = event.record_ref AND record.deleted_at IS NULL
), found AS (
    SELECT pair.left_id, pair.right_id FROM recent JOIN identity.pair AS pair ON pair.left_id = recent.id WHERE pair.verdict = 0
    UNION
    SELECT pair.left_id, pair.right_id FROM recent JOIN identity.pair AS pair ON pair.right_id = recent.id WHERE pair.verdict = 0
)
SELECT left_id, right_id
FROM found
WHERE NOT EXISTS (
    SELECT FROM identity.judgement AS judgement
    WHERE judgement.left_id = found.left_id AND judgement.right_id = found.right_id AND judgement.superseded_at IS NULL
)
ORDER BY left_id, right_id
LIMIT :most
