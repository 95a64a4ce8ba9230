-- Take the next pending records of the given sources after :after, at least one and at most so many records and bytes. Those that a sync is just changing are left to
-- it, and those of a stream that is held wait.
WITH locked AS (
    SELECT pending.landing_id
    FROM staging.pending AS pending
    CROSS JOIN LATERAL (SELECT source, stream FROM landing.record WHERE id = pending.landing_id OFFSET 0) AS record
    WHERE pending.landing_id > :after
      AND record.source = ANY (:sources)
      AND NOT EXISTS (
          SELECT FROM landing.hold
          WHERE hold.source = record.source AND hold.stream = record.stream AND hold.released_at IS NULL
      )
    ORDER BY pending.landing_id
    LIMIT :records
    FOR UPDATE OF pending SKIP LOCKED
),
sized AS (
    SELECT locked.landing_id, sum(coalesce(octet_length(record.body), 0)) OVER before AS size_before
    FROM locked
    JOIN landing.record AS record ON record.id = locked.landing_id
    WINDOW before AS (ORDER BY locked.landing_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
DELETE FROM staging.pending AS pending
USING sized
WHERE pending.landing_id = sized.landing_id
  AND coalesce(sized.size_before, 0) < :bytes
RETURNING pending.landing_id
