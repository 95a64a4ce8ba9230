-- Keep which of :keys is in the one of :places beside it; of whom another has taken the place it is gone. Named by arrays and not by a table:
-- the planner, which knows nothing of a temporary table, would read all of landing.place for each page.
WITH taken AS (
    UPDATE landing.place
    SET gone = true
    WHERE source = :source
      AND stream = :stream
      AND place = ANY (CAST(:places AS text[]))
      AND (place, key) NOT IN (SELECT * FROM unnest(CAST(:places AS text[]), CAST(:keys AS text[])))
      AND NOT gone
)
INSERT INTO landing.place (source, stream, place, key)
SELECT :source, :stream, found.place, found.key FROM unnest(CAST(:places AS text[]), CAST(:keys AS text[])) AS found (place, key)
ON CONFLICT (source, stream, place, key) DO UPDATE SET gone = false WHERE place.gone
