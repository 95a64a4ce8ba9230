DELETE FROM landing.place WHERE source = :source AND stream = :stream AND gone
