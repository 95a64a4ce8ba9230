-- In order of the records' refs, so that batches do not depend on the order of arrival.
SELECT pending.record_id
FROM identity.pending AS pending
LEFT JOIN staging.party_record AS record ON record.id = pending.record_id
ORDER BY record.ref NULLS LAST, pending.record_id
