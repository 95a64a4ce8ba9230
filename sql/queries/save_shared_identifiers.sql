INSERT INTO identity.shared_identifier (key, meaning, value, records)
SELECT key, meaning, value, records
FROM unnest(CAST(:keys AS bigint[]), CAST(:meanings AS text[]), CAST(:values AS text[]), CAST(:records AS int[]))
    AS given (key, meaning, value, records)
ON CONFLICT (key) DO UPDATE SET records = excluded.records
