INSERT INTO identity.membership (record_id, party_id, confidence, valid_from_at)
SELECT record_id, party_id, confidence, CAST(:at AS timestamptz)
FROM unnest(CAST(:ids AS bigint[]), CAST(:party_ids AS text[]), CAST(:confidences AS float8[])) AS given (record_id, party_id, confidence)
