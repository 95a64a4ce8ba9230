-- Keep what each of these records says, where it is not what it said last.
WITH said AS MATERIALIZED (
    SELECT from_ref, jsonb_agg(
        jsonb_build_object(
            'kind', kind, 'to', to_ref, 'origin', origin, 'attributes', attributes, 'from_on', valid_from_on, 'to_on', valid_to_on
        )
        ORDER BY kind, to_ref, origin, position
    ) AS claims
    FROM staging.claim
    WHERE from_ref = ANY (CAST(:refs AS text[]))
    GROUP BY from_ref
),
latest AS MATERIALIZED (
    SELECT DISTINCT ON (record_ref) record_ref, attributes, claims
    FROM golden.record_version
    WHERE record_ref = ANY (CAST(:refs AS text[]))
    ORDER BY record_ref, id DESC
)
INSERT INTO golden.record_version (record_ref, attributes, claims, observed_at, known_from_at)
SELECT record.ref, record.attributes, coalesce(said.claims, '[]'), record.observed_at, CAST(:at AS timestamptz)
FROM staging.party_record AS record
LEFT JOIN said ON said.from_ref = record.ref
LEFT JOIN latest ON latest.record_ref = record.ref
WHERE record.ref = ANY (CAST(:refs AS text[]))
    AND (
        latest.record_ref IS NULL
        OR latest.attributes IS DISTINCT FROM record.attributes
        OR latest.claims IS DISTINCT FROM coalesce(said.claims, '[]')
    )
ORDER BY record.ref
