-- Which of the changed keys went over their limit, or came back under it. A block is counted no further than the answer needs.
SELECT change.key, change.rule, size.records > change.most AS over
FROM unnest(
    CAST(:keys AS bigint[]), CAST(:rules AS smallint[]), CAST(:limits AS int[]), CAST(:added AS int[]), CAST(:removed AS int[])
) AS change (key, rule, most, added, removed)
CROSS JOIN LATERAL (
    SELECT count(*)::int AS records
    FROM (SELECT 1 FROM identity.blocking_key WHERE key = change.key LIMIT change.most + change.added + 1) AS counted
) AS size
WHERE (size.records > change.most) <> (size.records - change.added + change.removed > change.most)
