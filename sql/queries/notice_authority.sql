-- Where a source's authority is another than the golden records were built with, its parties are built again.
WITH changed AS (
    SELECT source.name, source.authority, source.attribute_authority
    FROM landing.source
    LEFT JOIN golden.authority AS known ON known.source = source.name
    WHERE (known.authority, known.attribute_authority) IS DISTINCT FROM (source.authority, source.attribute_authority)
),
waiting AS (
    INSERT INTO golden.pending (party_id)
    SELECT DISTINCT membership.party_id
    FROM changed
    JOIN staging.party_record ON party_record.source = changed.name
    JOIN identity.membership ON membership.record_id = party_record.id AND membership.valid_to_at IS NULL
    ORDER BY membership.party_id
    ON CONFLICT DO NOTHING
)
INSERT INTO golden.authority AS known (source, authority, attribute_authority)
SELECT name, authority, attribute_authority FROM changed ORDER BY name
ON CONFLICT (source) DO UPDATE SET authority = excluded.authority, attribute_authority = excluded.attribute_authority
