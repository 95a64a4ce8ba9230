SELECT id, subject, probability, priority, evidence
FROM identity.review
WHERE kind = 'pair' AND id IN (
    SELECT id FROM identity.review WHERE status = 'open' AND left_id = ANY(CAST(:ids AS bigint[]))
    UNION
    SELECT id FROM identity.review WHERE status = 'open' AND right_id = ANY(CAST(:ids AS bigint[]))
)
