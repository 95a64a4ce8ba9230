-- When each of these sources was last synced: the time of the stream that lags most, null where one never was.
SELECT streams.source, CASE WHEN bool_and(last.finished_at IS NOT NULL) THEN min(last.finished_at) END AS synced_at
FROM (
    SELECT source, stream FROM landing.cursor WHERE source = ANY (CAST(:sources AS text[]))
    UNION
    SELECT source, stream FROM landing.schema_fingerprint WHERE source = ANY (CAST(:sources AS text[]))
) AS streams
LEFT JOIN LATERAL (
    SELECT sync_run.finished_at
    FROM landing.sync_run
    WHERE sync_run.source = streams.source AND sync_run.stream = streams.stream AND sync_run.status = 'succeeded'
    ORDER BY sync_run.started_at DESC
    LIMIT 1
) AS last ON TRUE
GROUP BY streams.source
