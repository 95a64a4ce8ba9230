-- How many reviews of a status and kind (any where none is given) the caller may see: whoever may see both records, or every record that gives
-- one of the values in conflict. What is about no record that is left takes the right to see every source.
WITH asked AS (
    SELECT ARRAY(
            SELECT party_record.source FROM staging.party_record WHERE party_record.id IN (review.left_id, review.right_id)
            UNION
            SELECT split_part(said.value ->> 'record_ref', '/', 1) FROM jsonb_array_elements(review.evidence -> 'values') AS said
        ) AS sources,
        CASE
            WHEN review.evidence ->> 'attribute' = ANY (CAST(:personal AS text[])) THEN 'personal'
            WHEN review.evidence ->> 'attribute' = ANY (CAST(:financial AS text[])) THEN 'financial'
            ELSE 'internal'
        END AS data_class
    FROM identity.review
    WHERE review.status = :status AND (CAST(:kind AS text) IS NULL OR review.kind = CAST(:kind AS text))
)
SELECT count(*)
FROM asked
WHERE (:all_sources OR (asked.sources <> '{}' AND asked.sources <@ CAST(:sources AS text[])))
  AND (:all_classes OR asked.data_class = ANY (CAST(:classes AS text[])))
