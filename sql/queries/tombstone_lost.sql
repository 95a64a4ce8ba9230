-- Mark as deleted the living records of a stream that were in a place that is gone, and are in no other; they become pending. Returns how many.
WITH lost AS (
    UPDATE landing.record AS record
    SET deleted_at = now(), changed_at = now()
    WHERE record.ref IN (
          SELECT :source || '/' || :stream || '/' || key FROM landing.place WHERE source = :source AND stream = :stream AND gone
      )
      AND record.deleted_at IS NULL
      AND NOT EXISTS (
          SELECT FROM landing.place AS place
          WHERE place.source = :source AND place.stream = :stream AND place.key = record.key AND NOT place.gone
      )
    RETURNING id
),
queued AS (
    INSERT INTO staging.pending (landing_id)
    SELECT id FROM lost ORDER BY id
    ON CONFLICT (landing_id) DO UPDATE SET landing_id = excluded.landing_id
    RETURNING landing_id
)
SELECT count(*) FROM queued
