-- Mark as deleted the living records of a stream whose keys are not in present_key; they become pending. Returns how many.
WITH gone AS (
    UPDATE landing.record AS record
    SET deleted_at = now(), changed_at = now()
    WHERE record.source = :source
      AND record.stream = :stream
      AND record.deleted_at IS NULL
      AND NOT EXISTS (SELECT FROM present_key WHERE present_key.key = record.key)
    RETURNING id
),
queued AS (
    INSERT INTO staging.pending (landing_id)
    SELECT id FROM gone ORDER BY id
    ON CONFLICT (landing_id) DO UPDATE SET landing_id = excluded.landing_id
    RETURNING landing_id
)
SELECT count(*) FROM queued
