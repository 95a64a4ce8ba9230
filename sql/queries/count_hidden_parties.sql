-- How many parties of a kind and source (any where none is given) are not listed for the caller, by the source that would have to be seen.
SELECT coalesce(CAST(:source AS text), record.sources[1]) AS source, count(*) AS parties
FROM golden.record
WHERE (CAST(:kind AS text) IS NULL OR record.kind = CAST(:kind AS text))
  AND (CAST(:source AS text) IS NULL OR CAST(:source AS text) = ANY (record.sources))
  AND NOT (
      (:all_classes OR 'internal' = ANY (CAST(:classes AS text[])))
      AND (:all_sources OR CASE
          WHEN CAST(:source AS text) IS NULL THEN record.sources && CAST(:sources AS text[])
          ELSE CAST(:source AS text) = ANY (CAST(:sources AS text[]))
      END)
  )
GROUP BY 1
