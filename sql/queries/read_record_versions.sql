-- What these records have said, in the order it became known; the attributes only of a record that has changed its word.
SELECT record_ref, observed_at, CASE WHEN count(*) OVER (PARTITION BY record_ref) > 1 THEN attributes END AS attributes
FROM golden.record_version
WHERE record_ref = ANY (CAST(:refs AS text[]))
ORDER BY record_ref, id
