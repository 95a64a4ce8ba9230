UPDATE identity.membership AS membership
SET confidence = given.confidence
FROM unnest(CAST(:ids AS bigint[]), CAST(:confidences AS float8[])) AS given (record_id, confidence)
WHERE membership.record_id = given.record_id AND membership.valid_to_at IS NULL
