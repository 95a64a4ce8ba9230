-- Of these parties those that the caller may know of: by a record that belongs to the party, or once did.
SELECT DISTINCT membership.party_id
FROM identity.membership
JOIN staging.party_record ON party_record.id = membership.record_id
WHERE membership.party_id = ANY (CAST(:parties AS text[]))
  AND (:all_sources OR party_record.source = ANY (CAST(:sources AS text[])))
  AND (:all_classes OR 'internal' = ANY (CAST(:classes AS text[])))
