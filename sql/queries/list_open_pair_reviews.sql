SELECT id, subject, probability, priority, evidence
FROM identity.review
WHERE status = 'open' AND kind = 'pair'
  AND (left_id = ANY(CAST(:ids AS bigint[])) OR right_id = ANY(CAST(:ids AS bigint[])))
