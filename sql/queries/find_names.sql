-- The parties one of whose names holds all these words, each as the beginning of a word; how many of the name's words that is says how near.
SELECT DISTINCT ON (term.party_id) term.party_id, term.record_ref, term.meaning, term.shown, term.value
FROM context.term
WHERE term.meaning = 'name'
  AND term.words @@ to_tsquery('simple', :prefixes)
  AND (:all_sources OR term.source = ANY (CAST(:sources AS text[])))
  AND (:all_classes OR term.data_class = ANY (CAST(:classes AS text[])))
ORDER BY term.party_id, length(term.value), term.record_ref
LIMIT 1000
