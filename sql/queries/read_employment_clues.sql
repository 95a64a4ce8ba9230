-- For each key by which these parties' employer is known: the organisation that has it, where there is exactly one.
SELECT works_at.party_id, works_at.key, works_at.record_ref AS from_ref, min(party_record.observed_at) AS observed_at,
    min(employer.party_id) AS to_party, min(employer.record_ref) AS to_ref
FROM golden.affiliation_key AS works_at
JOIN golden.affiliation_key AS employer ON employer.key = works_at.key AND employer.role = 'is'
LEFT JOIN staging.party_record ON party_record.ref = works_at.record_ref
WHERE works_at.party_id = ANY (CAST(:party_ids AS text[])) AND works_at.role = 'works_at'
GROUP BY works_at.party_id, works_at.key, works_at.record_ref
HAVING count(*) = 1
