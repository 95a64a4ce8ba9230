-- The party that holds a party record (rank 0); of an item, the organisations (1) and persons (2) to whom it belongs directly and of which the
-- caller may know a record.
SELECT membership.party_id, 0 AS rank
FROM staging.party_record
JOIN identity.membership ON membership.record_id = party_record.id AND membership.valid_to_at IS NULL
WHERE party_record.ref = :ref
  AND (:all_sources OR party_record.source = ANY (CAST(:sources AS text[])))
  AND (:all_classes OR 'internal' = ANY (CAST(:classes AS text[])))
UNION
SELECT timeline.party_id, CASE record.kind WHEN 'organization' THEN 1 ELSE 2 END
FROM context.timeline
JOIN golden.record ON record.party_id = timeline.party_id
WHERE timeline.item_ref = :ref AND timeline.role NOT LIKE 'via %'
  AND (:all_sources OR timeline.source = ANY (CAST(:sources AS text[])))
  AND (:all_classes OR timeline.data_class = ANY (CAST(:classes AS text[])))
  AND (:all_sources OR record.sources && CAST(:sources AS text[]))
ORDER BY rank, party_id
LIMIT 50
