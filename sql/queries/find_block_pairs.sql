-- All pairs within the blocks :keys.
SELECT DISTINCT one.record_id AS left_id, two.record_id AS right_id
FROM identity.blocking_key AS one
JOIN identity.blocking_key AS two ON two.key = one.key AND two.record_id > one.record_id
WHERE one.key = ANY(CAST(:keys AS bigint[]))
