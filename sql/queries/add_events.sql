INSERT INTO identity.event (kind, party_id, record_ref, other_party_id, reason, actor, occurred_at)
SELECT kind, party_id, record_ref, other_party_id, reason, CAST(:actor AS text), CAST(:at AS timestamptz)
FROM unnest(
    CAST(:kinds AS text[]), CAST(:party_ids AS text[]), CAST(:record_refs AS text[]), CAST(:other_party_ids AS text[]), CAST(:reasons AS text[])
) WITH ORDINALITY AS given (kind, party_id, record_ref, other_party_id, reason, position)
ORDER BY position
