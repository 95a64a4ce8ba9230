DELETE FROM golden.affiliation_key
USING unnest(CAST(:party_ids AS text[]), CAST(:roles AS text[]), CAST(:keys AS text[])) AS gone (party_id, role, key)
WHERE (affiliation_key.party_id, affiliation_key.role, affiliation_key.key) = (gone.party_id, gone.role, gone.key)
