-- Title and text of these items: activities and documents alike.
SELECT ref, title, body AS text FROM staging.activity WHERE ref = ANY (CAST(:items AS text[]))
UNION ALL
SELECT ref, title, text FROM staging.document WHERE ref = ANY (CAST(:items AS text[]))
ORDER BY ref
