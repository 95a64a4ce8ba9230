-- The current party of each of the records, and of everyone who shares it with them.
SELECT DISTINCT other.record_id, other.party_id, other.confidence
FROM identity.membership AS own
JOIN identity.membership AS other ON other.party_id = own.party_id AND other.valid_to_at IS NULL
WHERE own.record_id = ANY(CAST(:ids AS bigint[])) AND own.valid_to_at IS NULL
