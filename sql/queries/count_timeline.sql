-- How many items of these kinds a party has, of each source and data class.
SELECT source, data_class, count(*) AS items
FROM context.timeline
WHERE party_id = :party AND (CAST(:kinds AS text[]) IS NULL OR kind = ANY (CAST(:kinds AS text[])))
GROUP BY source, data_class
