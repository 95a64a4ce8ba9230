-- The records of a stream that this transaction has added, all after :last, are to be mapped.
INSERT INTO staging.pending (landing_id)
SELECT id FROM landing.record WHERE id > :last AND source = :source AND stream = :stream ORDER BY id
