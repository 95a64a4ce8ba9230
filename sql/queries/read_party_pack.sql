-- All that a pack needs of one party but its items: one row, or none where it has no golden record. It is for the caller to reduce to what may
-- be seen, but for near misses, which count only by pairs of records that may both be seen.
WITH member AS (
    SELECT membership.record_id, membership.confidence, party_record.ref
    FROM identity.membership
    JOIN staging.party_record ON party_record.id = membership.record_id
    WHERE membership.party_id = :party AND membership.valid_to_at IS NULL
),
near AS (
    SELECT other.party_id, max(touching.probability) AS probability
    FROM (
        SELECT pair.right_id AS record_id, pair.left_id, pair.right_id, pair.probability
        FROM member JOIN identity.pair ON pair.left_id = member.record_id
        WHERE pair.verdict >= 0 AND pair.probability >= :near
        UNION ALL
        SELECT pair.left_id, pair.left_id, pair.right_id, pair.probability
        FROM member JOIN identity.pair ON pair.right_id = member.record_id
        WHERE pair.verdict >= 0 AND pair.probability >= :near
    ) AS touching
    JOIN identity.membership AS other ON other.record_id = touching.record_id AND other.valid_to_at IS NULL AND other.party_id <> :party
    JOIN staging.party_record AS one ON one.id = touching.left_id AND (:all_sources OR one.source = ANY (CAST(:sources AS text[])))
    JOIN staging.party_record AS two ON two.id = touching.right_id AND (:all_sources OR two.source = ANY (CAST(:sources AS text[])))
    WHERE NOT EXISTS (
        SELECT FROM identity.judgement
        WHERE judgement.left_id = touching.left_id AND judgement.right_id = touching.right_id
          AND judgement.superseded_at IS NULL AND judgement.verdict = 'no_match'
    )
    GROUP BY other.party_id
    ORDER BY probability DESC, other.party_id
    LIMIT 5
)
SELECT record.party_id, record.kind, record.name, record.document, record.confidence, record.records, record.sources,
    coalesce(
        (SELECT jsonb_agg(jsonb_build_object('name', signal.name, 'value', signal.value)) FROM context.signal WHERE signal.party_id = :party),
        '[]'
    ) AS signals,
    coalesce(
        (
            SELECT jsonb_object_agg(summary.length, jsonb_build_object(
                'text', summary.text, 'citations', summary.citations, 'data_classes', summary.data_classes
            ))
            FROM context.summary
            WHERE summary.party_id = :party
        ), '{}'
    ) AS summaries,
    coalesce(
        (
            SELECT jsonb_agg(to_jsonb(related) ORDER BY related.until IS NOT NULL, related.direction DESC, related.kind, related.name, related.party_id)
            FROM (
                SELECT relationship.kind, sides.direction, other.party_id, other.name,
                    other.document -> 'name' ->> 'record_ref' AS name_ref, relationship.attributes, relationship.evidence,
                    CASE WHEN relationship.kind <> 'employment' THEN (
                        SELECT array_agg(DISTINCT party_record.ref ORDER BY party_record.ref)
                        FROM staging.claim
                        JOIN staging.party_record ON party_record.ref = CASE sides.direction WHEN 'to' THEN claim.to_ref ELSE claim.from_ref END
                        JOIN identity.membership ON membership.record_id = party_record.id AND membership.valid_to_at IS NULL
                        WHERE claim.origin = ANY (relationship.evidence) AND claim.kind = relationship.kind AND membership.party_id = other.party_id
                    ) END AS claimed,
                    to_char(relationship.valid_from_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS since,
                    to_char(relationship.valid_to_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS until
                FROM (
                    SELECT id, 'to' AS direction, to_party_id AS other_id FROM golden.relationship WHERE from_party_id = :party
                    UNION ALL
                    SELECT id, 'from', from_party_id FROM golden.relationship WHERE to_party_id = :party
                ) AS sides
                JOIN golden.relationship ON relationship.id = sides.id
                JOIN golden.record AS other ON other.party_id = sides.other_id
                WHERE (CAST(:known_at AS timestamptz) IS NULL AND relationship.known_to_at IS NULL
                       OR relationship.known_from_at <= CAST(:known_at AS timestamptz)
                      AND (relationship.known_to_at IS NULL OR relationship.known_to_at > CAST(:known_at AS timestamptz)))
                  AND (relationship.valid_from_at IS NULL OR relationship.valid_from_at <= CAST(:at AS timestamptz))
                ORDER BY relationship.valid_to_at IS NOT NULL, sides.direction DESC, relationship.kind, other.name, other.party_id
                LIMIT 60
            ) AS related
        ), '[]'
    ) AS relationships,
    coalesce(
        (
            SELECT jsonb_object_agg(of_source.source, of_source.records)
            FROM (SELECT split_part(member.ref, '/', 1) AS source, count(*) AS records FROM member GROUP BY 1) AS of_source
        ), '{}'
    ) AS members,
    (SELECT jsonb_build_object('ref', member.ref, 'confidence', member.confidence) FROM member ORDER BY member.confidence, member.ref LIMIT 1)
        AS weakest,
    coalesce(
        (
            SELECT jsonb_agg(jsonb_build_object(
                'party_id', near.party_id, 'probability', near.probability, 'name', other.name,
                'name_ref', other.document -> 'name' ->> 'record_ref'
            ) ORDER BY near.probability DESC, near.party_id)
            FROM near
            JOIN golden.record AS other ON other.party_id = near.party_id
        ), '[]'
    ) AS near_misses
FROM golden.record
WHERE record.party_id = :party
