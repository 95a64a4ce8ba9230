-- Add what is in new_participant and not there yet; its items go to the timeline.
WITH added AS (
    INSERT INTO staging.participant (item_ref, position, role, party_ref, name, attributes)
    SELECT item_ref, position, role, party_ref, name, attributes
    FROM new_participant
    ORDER BY item_ref, position
    ON CONFLICT (item_ref, position) DO NOTHING
    RETURNING item_ref
)
INSERT INTO context.pending (step, subject)
SELECT DISTINCT 'timeline', item_ref FROM added ORDER BY item_ref
ON CONFLICT (step, subject) DO UPDATE SET subject = excluded.subject WHERE false
