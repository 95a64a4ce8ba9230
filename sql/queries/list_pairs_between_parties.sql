-- Kept pairs of the records :ids with records of other parties, that are likely or settled, and the records' parties.
WITH near AS (
    SELECT left_id, right_id, probability, verdict FROM identity.pair WHERE left_id = ANY(CAST(:ids AS bigint[]))
    UNION
    SELECT left_id, right_id, probability, verdict FROM identity.pair WHERE right_id = ANY(CAST(:ids AS bigint[]))
)
SELECT
    near.left_id, near.right_id, near.probability, near.verdict,
    one.party_id AS left_party_id, two.party_id AS right_party_id,
    EXISTS (
        SELECT 1 FROM identity.judgement AS said
        WHERE said.left_id = near.left_id AND said.right_id = near.right_id AND said.superseded_at IS NULL
    ) AS judged
FROM near
JOIN identity.membership AS one ON one.record_id = near.left_id AND one.valid_to_at IS NULL
JOIN identity.membership AS two ON two.record_id = near.right_id AND two.valid_to_at IS NULL
WHERE one.party_id <> two.party_id
