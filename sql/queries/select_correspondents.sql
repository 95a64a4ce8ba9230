-- What mails say of each address in touched_party that belongs to the stream (refs begin with :prefix): the latest mail, the names it was
-- given, latest first, and the latest signature. An address that is in no mail any more has last_at null. Our own addresses (:own, as
-- patterns) are left out here already: they are in every mail.
WITH touched AS MATERIALIZED (
    SELECT DISTINCT ref FROM touched_party WHERE starts_with(ref, :prefix) AND NOT ref LIKE ANY (:own)
),
said AS MATERIALIZED (
    SELECT touched.ref, part.item_ref, part.role, part.name, part.attributes, mail.occurred_at AS at
    FROM touched
    CROSS JOIN LATERAL (SELECT * FROM staging.participant WHERE party_ref = touched.ref OFFSET 0) AS part
    CROSS JOIN LATERAL (SELECT occurred_at FROM staging.activity WHERE ref = part.item_ref OFFSET 0) AS mail
),
latest AS (
    SELECT ref, max(at) AS last_at FROM said GROUP BY ref
),
named AS (
    SELECT ref, (array_agg(name ORDER BY at DESC, name))[1:5] AS names
    FROM (SELECT ref, name, max(at) AS at FROM said WHERE name IS NOT NULL GROUP BY ref, name) AS each
    GROUP BY ref
),
signed AS (
    SELECT DISTINCT ON (ref) ref, attributes FROM said WHERE role = 'from' AND attributes <> '{}' ORDER BY ref, at DESC, item_ref DESC
)
SELECT ref, latest.last_at, coalesce(named.names, '{}') AS names, signed.attributes AS signature
FROM touched
LEFT JOIN latest USING (ref)
LEFT JOIN named USING (ref)
LEFT JOIN signed USING (ref)
ORDER BY ref
