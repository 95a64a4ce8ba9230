-- The parties of which a record says one of these values, exactly, as one of these meanings (any but a name where none is given).
SELECT term.party_id, term.record_ref, term.meaning, term.shown, term.value
FROM context.term
WHERE term.value = ANY (CAST(:folded AS text[]))
  AND term.meaning <> 'name'
  AND (CAST(:source AS text) IS NULL OR term.source = CAST(:source AS text) OR term.meaning = 'key:' || CAST(:source AS text))
  AND (:all_sources OR term.source = ANY (CAST(:sources AS text[])))
  AND (:all_classes OR term.data_class = ANY (CAST(:classes AS text[])))
ORDER BY term.party_id, term.meaning, term.record_ref
LIMIT 500
