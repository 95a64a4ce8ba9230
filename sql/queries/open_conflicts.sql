-- Ask a steward where trusted sources contradict each other; what was decided on the same values is not asked again.
INSERT INTO identity.review AS known (kind, subject, party_id, status, priority, evidence, opened_at)
SELECT 'conflict', given.subject, given.party_id, 'open', 1, given.evidence, CAST(:at AS timestamptz)
FROM jsonb_to_recordset(CAST(:conflicts AS jsonb)) AS given (subject text, party_id text, evidence jsonb)
LEFT JOIN LATERAL (
    SELECT review.evidence
    FROM identity.review
    WHERE review.kind = 'conflict' AND review.subject = given.subject AND review.status = 'decided'
    ORDER BY review.id DESC
    LIMIT 1
) AS decided ON true
WHERE decided.evidence IS DISTINCT FROM given.evidence
ORDER BY given.subject
ON CONFLICT (kind, subject) WHERE status = 'open' DO UPDATE SET evidence = excluded.evidence
WHERE known.evidence IS DISTINCT FROM excluded.evidence
RETURNING known.id
