-- Delete passages by item and position.
DELETE FROM context.passage
USING jsonb_to_recordset(CAST(:passages AS jsonb)) AS gone (item_ref text, position integer)
WHERE passage.item_ref = gone.item_ref AND passage.position = gone.position
