-- A page of the parties of which the caller may know a record, by the name that the caller sees (whatever its case), after that party. The name is what
-- `facts.seen` shows of it: the believed one, else the first of those beside it or that lost against it, else none, and then the id stands for
-- it; a place in the list tells nothing of a name that is withheld. Of a source that the caller may not see there are none.
WITH known AS NOT MATERIALIZED (
    SELECT party_id, kind, name, document, confidence, records, sources, changed_at,
        CASE
            WHEN :all_sources OR split_part(document -> 'name' ->> 'record_ref', '/', 1) = ANY (CAST(:sources AS text[])) THEN name
            ELSE coalesce(
                (
                    SELECT said.entry ->> 'value'
                    FROM jsonb_array_elements(
                        coalesce(document -> 'name' -> 'also', '[]') || coalesce(document -> 'name' -> 'losing', '[]')
                    ) WITH ORDINALITY AS said (entry, place)
                    WHERE split_part(said.entry ->> 'record_ref', '/', 1) = ANY (CAST(:sources AS text[]))
                    ORDER BY said.place
                    LIMIT 1
                ),
                party_id
            )
        END AS shown
    FROM golden.record
    WHERE (:all_sources OR sources && CAST(:sources AS text[]))
      AND (:all_classes OR 'internal' = ANY (CAST(:classes AS text[])))
)
SELECT party_id, kind, confidence, records, sources, document, changed_at
FROM known
WHERE (CAST(:kind AS text) IS NULL OR kind = CAST(:kind AS text))
  AND (CAST(:source AS text) IS NULL
       OR CAST(:source AS text) = ANY (sources) AND (:all_sources OR CAST(:source AS text) = ANY (CAST(:sources AS text[]))))
  AND (CAST(:after AS text) IS NULL OR (lower(shown), party_id) > (SELECT lower(last.shown), last.party_id FROM known AS last WHERE last.party_id = :after))
ORDER BY lower(shown), party_id
LIMIT :count
