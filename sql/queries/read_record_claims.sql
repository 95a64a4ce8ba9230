-- What the records of these parties claim and have claimed, in the order it became known; a record that never claimed is left out.
SELECT party_id, ref, source, observed_at, since, claims
FROM (
    SELECT membership.party_id, party_record.ref, party_record.source, party_record.observed_at, version.id, version.observed_at AS since,
        version.claims, bool_or(version.claims <> '[]') OVER (PARTITION BY version.record_ref) AS ever
    FROM identity.membership
    JOIN staging.party_record ON party_record.id = membership.record_id
    JOIN golden.record_version AS version ON version.record_ref = party_record.ref
    WHERE membership.party_id = ANY (CAST(:party_ids AS text[])) AND membership.valid_to_at IS NULL AND party_record.deleted_at IS NULL
) AS said
WHERE ever
ORDER BY party_id, ref, id
