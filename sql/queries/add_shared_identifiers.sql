INSERT INTO identity.shared_identifier (key, meaning, value, records)
SELECT key, meaning, value, 0
FROM unnest(CAST(:keys AS bigint[]), CAST(:meanings AS text[]), CAST(:values AS text[])) AS given (key, meaning, value)
ON CONFLICT DO NOTHING
