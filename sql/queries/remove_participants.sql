-- Remove participants of the batch's items that are not in new_participant as they stand; their items go to the timeline.
WITH removed AS (
    DELETE FROM staging.participant AS participant
    WHERE participant.item_ref = ANY (ARRAY(SELECT ref FROM touched_item))
      AND NOT EXISTS (
          SELECT FROM new_participant AS fresh
          WHERE fresh.item_ref = participant.item_ref
            AND fresh.position = participant.position
            AND fresh.role = participant.role
            AND fresh.party_ref = participant.party_ref
            AND fresh.name IS NOT DISTINCT FROM participant.name
            AND fresh.attributes = participant.attributes
      )
    RETURNING participant.item_ref
)
INSERT INTO context.pending (step, subject)
SELECT DISTINCT 'timeline', item_ref FROM removed ORDER BY item_ref
ON CONFLICT (step, subject) DO UPDATE SET subject = excluded.subject WHERE false
