-- Writes what the groups came to: parties founded, memberships opened, others restated, events in their order, golden records to build again.
WITH founded AS (
    INSERT INTO identity.party (id, kind, created_at)
    SELECT id, kind, CAST(:at AS timestamptz)
    FROM unnest(CAST(:founded AS text[]), CAST(:founded_kinds AS text[])) AS given (id, kind)
),
opened AS (
    INSERT INTO identity.membership (record_id, party_id, confidence, valid_from_at)
    SELECT record_id, party_id, confidence, CAST(:at AS timestamptz)
    FROM unnest(CAST(:opened AS bigint[]), CAST(:opened_parties AS text[]), CAST(:opened_confidences AS float8[]))
        AS given (record_id, party_id, confidence)
),
restated AS (
    UPDATE identity.membership
    SET confidence = given.confidence
    FROM unnest(CAST(:restated AS bigint[]), CAST(:restated_confidences AS float8[])) AS given (record_id, confidence)
    WHERE membership.record_id = given.record_id AND membership.valid_to_at IS NULL
),
told AS (
    INSERT INTO identity.event (kind, party_id, record_ref, other_party_id, reason, actor, occurred_at)
    SELECT kind, party_id, record_ref, other_party_id, reason, CAST(:actor AS text), CAST(:at AS timestamptz)
    FROM unnest(
        CAST(:kinds AS text[]), CAST(:party_ids AS text[]), CAST(:record_refs AS text[]), CAST(:other_party_ids AS text[]),
        CAST(:reasons AS text[])
    ) WITH ORDINALITY AS given (kind, party_id, record_ref, other_party_id, reason, position)
    ORDER BY position
)
INSERT INTO golden.pending (party_id)
SELECT party_id FROM unnest(CAST(:concerned AS text[])) AS given (party_id) ORDER BY party_id
ON CONFLICT DO NOTHING
