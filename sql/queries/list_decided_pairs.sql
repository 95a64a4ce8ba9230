-- What stewards decided of pairs of live records, the latest decisions; of each decision no more than a few pairs.
SELECT id, left_id, right_id, match, decision_id
FROM (
    SELECT judgement.id, judgement.left_id, judgement.right_id, judgement.verdict = 'match' AS match, judgement.decision_id,
        row_number() OVER (PARTITION BY judgement.decision_id ORDER BY judgement.id) AS place
    FROM identity.judgement AS judgement
    JOIN staging.party_record AS one ON one.id = judgement.left_id AND one.deleted_at IS NULL
    JOIN staging.party_record AS other ON other.id = judgement.right_id AND other.deleted_at IS NULL
    WHERE judgement.authority = 'steward' AND judgement.superseded_at IS NULL AND judgement.verdict IN ('match', 'no_match')
) AS decided
WHERE place <= :of_one
ORDER BY id DESC
LIMIT :most
