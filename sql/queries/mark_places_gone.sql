-- Nothing is any more in these places.
UPDATE landing.place SET gone = true WHERE source = :source AND stream = :stream AND place = ANY (CAST(:places AS text[])) AND NOT gone
