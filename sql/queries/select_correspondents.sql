-- What mails say of each address in touched_party that belongs to the stream (refs begin with :prefix): the latest mail, the names it was
-- given, latest first, and the latest signature. An address that is in no mail any more has last_at null. Our own addresses (:own, as
-- patterns) are left out here already: they are in every mail.
SELECT touched.ref, latest.last_at, coalesce(names.names, '{}') AS names, signature.attributes AS signature
FROM (SELECT DISTINCT ref FROM touched_party WHERE starts_with(ref, :prefix) AND NOT ref LIKE ANY (:own)) AS touched
LEFT JOIN LATERAL (
    SELECT max(activity.occurred_at) AS last_at
    FROM staging.participant AS participant
    JOIN staging.activity AS activity ON activity.ref = participant.item_ref
    WHERE participant.party_ref = touched.ref
) AS latest ON true
LEFT JOIN LATERAL (
    SELECT array_agg(named.name ORDER BY named.at DESC, named.name) AS names
    FROM (
        SELECT participant.name, max(activity.occurred_at) AS at
        FROM staging.participant AS participant
        JOIN staging.activity AS activity ON activity.ref = participant.item_ref
        WHERE participant.party_ref = touched.ref AND participant.name IS NOT NULL
        GROUP BY participant.name
        ORDER BY at DESC, participant.name
        LIMIT 5
    ) AS named
) AS names ON true
LEFT JOIN LATERAL (
    SELECT participant.attributes
    FROM staging.participant AS participant
    JOIN staging.activity AS activity ON activity.ref = participant.item_ref
    WHERE participant.party_ref = touched.ref AND participant.role = 'from' AND participant.attributes <> '{}'
    ORDER BY activity.occurred_at DESC, participant.item_ref DESC
    LIMIT 1
) AS signature ON true
ORDER BY touched.ref
