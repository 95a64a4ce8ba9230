-- A page of parties by name, those whose believed name the caller may see.
SELECT party_id, kind, name, confidence, records, sources, changed_at
FROM golden.record
WHERE (name, party_id) > (:name, :party)
  AND (CAST(:kind AS text) IS NULL OR kind = CAST(:kind AS text))
  AND (CAST(:source AS text) IS NULL OR CAST(:source AS text) = ANY (sources))
  AND (:all_sources OR split_part(document -> 'name' ->> 'record_ref', '/', 1) = ANY (CAST(:sources AS text[])))
  AND (:all_classes OR 'internal' = ANY (CAST(:classes AS text[])))
ORDER BY name, party_id
LIMIT :count
