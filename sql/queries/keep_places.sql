-- Keep what page_place says is where; of whom another has taken the place it is gone.
WITH taken AS (
    UPDATE landing.place
    SET gone = true
    FROM page_place AS found
    WHERE place.source = :source AND place.stream = :stream AND place.place = found.place AND place.key <> found.key AND NOT place.gone
)
INSERT INTO landing.place (source, stream, place, key)
SELECT :source, :stream, place, key FROM page_place
ON CONFLICT (source, stream, place, key) DO UPDATE SET gone = false WHERE place.gone
