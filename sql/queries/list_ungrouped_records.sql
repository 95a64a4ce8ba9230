-- In order of the records' refs, so that batches do not depend on the order of arrival.
SELECT ungrouped.record_id
FROM identity.ungrouped
LEFT JOIN identity.profile USING (record_id)
ORDER BY profile.ref NULLS LAST, ungrouped.record_id
