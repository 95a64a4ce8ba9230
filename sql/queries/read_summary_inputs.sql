-- What the summaries of these parties are made of. A party without a golden record has no row.
SELECT record.party_id, record.kind, record.name, record.document, record.records, record.sources,
    coalesce(
        (
            SELECT jsonb_agg(jsonb_build_object('name', signal.name, 'value', signal.value) ORDER BY signal.name)
            FROM context.signal
            WHERE signal.party_id = record.party_id
        ), '[]'
    ) AS signals,
    coalesce(
        (
            SELECT jsonb_agg(to_jsonb(related) ORDER BY related.kind, related.name, related.party_id)
            FROM (
                SELECT relationship.kind, 'to' AS direction, other.party_id, other.name, other.document -> 'name' ->> 'record_ref' AS name_ref,
                    relationship.attributes, relationship.evidence
                FROM golden.relationship
                JOIN golden.record AS other ON other.party_id = relationship.to_party_id
                WHERE relationship.from_party_id = record.party_id AND relationship.known_to_at IS NULL AND relationship.valid_to_at IS NULL
                UNION ALL
                SELECT relationship.kind, 'from', other.party_id, other.name, other.document -> 'name' ->> 'record_ref',
                    relationship.attributes, relationship.evidence
                FROM golden.relationship
                JOIN golden.record AS other ON other.party_id = relationship.from_party_id
                WHERE relationship.to_party_id = record.party_id AND relationship.known_to_at IS NULL AND relationship.valid_to_at IS NULL
                ORDER BY 1, 4, 3
                LIMIT 25
            ) AS related
        ), '[]'
    ) AS relationships,
    coalesce(
        (
            SELECT jsonb_agg(to_jsonb(item) ORDER BY item.occurred_at DESC, item.ref)
            FROM (
                SELECT item_ref AS ref, kind, title, status, CAST(amount AS text) AS amount, currency, source, data_class, untrusted,
                    to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS occurred_at
                FROM context.timeline
                WHERE timeline.party_id = record.party_id
                ORDER BY timeline.occurred_at DESC, timeline.item_ref
                LIMIT 14
            ) AS item
        ), '[]'
    ) AS items
FROM golden.record
WHERE record.party_id = ANY (CAST(:parties AS text[]))
ORDER BY record.party_id
