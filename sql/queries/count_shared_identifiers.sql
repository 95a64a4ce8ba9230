UPDATE identity.shared_identifier AS shared
SET records = counted.records
FROM (
    SELECT key, count(*)::int AS records FROM identity.blocking_key WHERE key = ANY(CAST(:keys AS bigint[])) GROUP BY key
) AS counted
WHERE counted.key = shared.key AND counted.records <> shared.records
