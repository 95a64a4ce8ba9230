-- The components of the records :ids over linked pairs, and with them whoever shares a party with a record of those now. For each record: its party, or where it is in none the one that it was last in, if that was left without records and stands for
-- nobody else; the records after it that it is linked to; whether it has a judgement, an open review, or is near to one it is not linked to.
-- Each is looked up by itself (LIMIT sees to it), since nobody can foresee how many are reached.
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
    reached.id, current.confidence, party.id AS party_id, party.kind AS party_kind, party.created_at, party.retired_at,
    ARRAY(SELECT right_id FROM identity.pair WHERE left_id = reached.id AND linked) AS linked,
    coalesce(
        (SELECT true FROM identity.judgement WHERE superseded_at IS NULL AND left_id = reached.id LIMIT 1),
        (SELECT true FROM identity.judgement WHERE superseded_at IS NULL AND right_id = reached.id LIMIT 1), false
    ) AS judged,
    coalesce(
        (SELECT true FROM identity.review WHERE left_id = reached.id AND status = 'open' LIMIT 1),
        (SELECT true FROM identity.review WHERE right_id = reached.id AND status = 'open' LIMIT 1), false
    ) AS asked,
    coalesce(
        (SELECT true FROM identity.pair WHERE left_id = reached.id AND NOT linked AND (probability >= :near OR verdict <> 0) LIMIT 1),
        (SELECT true FROM identity.pair WHERE right_id = reached.id AND NOT linked AND (probability >= :near OR verdict <> 0) LIMIT 1), false
    ) AS near
FROM reached
LEFT JOIN LATERAL (
    SELECT party_id, confidence FROM identity.membership WHERE record_id = reached.id AND valid_to_at IS NULL LIMIT 1
) AS current ON true
LEFT JOIN LATERAL (
    SELECT party_id
    FROM identity.membership
    WHERE record_id = reached.id AND current.party_id IS NULL
    ORDER BY valid_from_at DESC, id DESC
    LIMIT 1
) AS last ON true
LEFT JOIN LATERAL (
    SELECT id, kind, created_at, retired_at
    FROM identity.party
    WHERE id = coalesce(current.party_id, last.party_id)
        AND (
            current.party_id IS NOT NULL
            OR (retired_at IS NOT NULL AND NOT EXISTS (SELECT FROM identity.redirect WHERE from_id = party.id))
        )
    LIMIT 1
) AS party ON true
