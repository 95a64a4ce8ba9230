-- The components of the records :ids over linked pairs, and with them whoever shares a party with a record of those now. For each record: its
-- profile, where it lives; its party, or where it is in none the one that it was last in, if that was left without records and stands for
-- nobody else; the records after it that it is linked to; whether it has a judgement, an open review, or is near to one it is not linked to.
WITH RECURSIVE reached (id) AS (
    SELECT unnest(CAST(:ids AS bigint[]))
    UNION
    SELECT next.id
    FROM reached
    CROSS JOIN LATERAL (
        SELECT right_id AS id FROM identity.pair WHERE left_id = reached.id AND linked
        UNION ALL
        SELECT left_id FROM identity.pair WHERE right_id = reached.id AND linked
        UNION ALL
        SELECT other.record_id
        FROM identity.membership AS own
        JOIN identity.membership AS other ON other.party_id = own.party_id AND other.valid_to_at IS NULL
        WHERE own.record_id = reached.id AND own.valid_to_at IS NULL
    ) AS next
)
SELECT
    reached.id, profile.ref, profile.kind, profile.terms,
    current.confidence, party.id AS party_id, party.kind AS party_kind, party.created_at, party.retired_at,
    ARRAY(SELECT right_id FROM identity.pair WHERE left_id = reached.id AND linked) AS linked,
    EXISTS (SELECT FROM identity.judgement WHERE superseded_at IS NULL AND left_id = reached.id)
        OR EXISTS (SELECT FROM identity.judgement WHERE superseded_at IS NULL AND right_id = reached.id) AS judged,
    EXISTS (SELECT FROM identity.review WHERE left_id = reached.id AND status = 'open')
        OR EXISTS (SELECT FROM identity.review WHERE right_id = reached.id AND status = 'open') AS asked,
    EXISTS (SELECT FROM identity.pair WHERE left_id = reached.id AND NOT linked AND (probability >= :near OR verdict <> 0))
        OR EXISTS (SELECT FROM identity.pair WHERE right_id = reached.id AND NOT linked AND (probability >= :near OR verdict <> 0)) AS near
FROM reached
LEFT JOIN identity.profile ON profile.record_id = reached.id
LEFT JOIN identity.membership AS current ON current.record_id = reached.id AND current.valid_to_at IS NULL
LEFT JOIN LATERAL (
    SELECT membership.party_id
    FROM identity.membership
    WHERE membership.record_id = reached.id AND current.record_id IS NULL
    ORDER BY membership.valid_from_at DESC, membership.id DESC
    LIMIT 1
) AS last ON true
LEFT JOIN identity.party
    ON party.id = coalesce(current.party_id, last.party_id)
    AND (
        current.party_id IS NOT NULL
        OR (party.retired_at IS NOT NULL AND NOT EXISTS (SELECT FROM identity.redirect WHERE from_id = party.id))
    )
