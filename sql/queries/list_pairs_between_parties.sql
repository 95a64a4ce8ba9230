-- Kept pairs of the records :ids with records of other parties, that are as likely as :least, or ruled or judged, with both records' parties
-- and how many records the other one has. Memberships are looked up one by one (LIMIT sees to it): for many pairs all of them would be read.
WITH near AS (
    SELECT left_id, right_id, probability, verdict FROM identity.pair WHERE left_id = ANY(CAST(:ids AS bigint[]))
    UNION
    SELECT left_id, right_id, probability, verdict FROM identity.pair WHERE right_id = ANY(CAST(:ids AS bigint[]))
)
SELECT
    near.left_id, near.right_id, near.probability, near.verdict,
    one.party_id AS left_party_id, two.party_id AS right_party_id, spoken.judged,
    (SELECT count(*) FROM identity.membership WHERE party_id = one.party_id AND valid_to_at IS NULL) AS left_records,
    (SELECT count(*) FROM identity.membership WHERE party_id = two.party_id AND valid_to_at IS NULL) AS right_records
FROM near
CROSS JOIN LATERAL (SELECT party_id FROM identity.membership WHERE record_id = near.left_id AND valid_to_at IS NULL LIMIT 1) AS one
CROSS JOIN LATERAL (SELECT party_id FROM identity.membership WHERE record_id = near.right_id AND valid_to_at IS NULL LIMIT 1) AS two
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM identity.judgement AS said
        WHERE said.left_id = near.left_id AND said.right_id = near.right_id AND said.superseded_at IS NULL
    ) AS judged
) AS spoken
WHERE one.party_id <> two.party_id AND (near.probability >= :least OR near.verdict <> 0 OR spoken.judged)
