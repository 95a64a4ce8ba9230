-- The last id that a record was given, and the time of the transaction.
SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS last, now() AS at FROM landing.record_id_seq
