-- Every item whose timeline rows hang on these parties or items: what the parties' records, and those of the people they employ, take
-- part in; what stands under the parties now; the items themselves, and the attachments of those that are messages.
WITH member AS (
    SELECT membership.record_id
    FROM identity.membership
    WHERE membership.valid_to_at IS NULL
      AND membership.party_id IN (
          SELECT unnest(CAST(:parties AS text[]))
          UNION
          SELECT from_party_id FROM golden.relationship
          WHERE to_party_id = ANY (CAST(:parties AS text[])) AND kind = 'employment' AND known_to_at IS NULL
      )
),
item AS (
    SELECT participant.item_ref AS ref
    FROM member
    JOIN staging.party_record ON party_record.id = member.record_id
    JOIN staging.participant ON participant.party_ref = party_record.ref
    UNION
    SELECT item_ref FROM context.timeline WHERE party_id = ANY (CAST(:parties AS text[]))
    UNION
    SELECT unnest(CAST(:items AS text[]))
)
SELECT ref FROM item
UNION
SELECT document.ref
FROM item
JOIN staging.activity ON activity.ref = item.ref
JOIN staging.document ON document.origin = activity.origin
ORDER BY ref
