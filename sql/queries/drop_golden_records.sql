DELETE FROM golden.record WHERE party_id = ANY (CAST(:party_ids AS text[]))
