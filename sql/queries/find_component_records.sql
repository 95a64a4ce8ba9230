-- The components of the records :ids over linked pairs, and with them whoever shares a party with a record of those now.
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
SELECT id FROM reached
