-- Ids for so many new records, and the time of the transaction.
SELECT nextval('landing.record_id_seq') AS id, now() AS at FROM generate_series(1, :count)
