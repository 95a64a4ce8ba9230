-- How many records a party had at a moment, of which sources, and how sure that was.
SELECT count(*) AS records, coalesce(min(membership.confidence), 1) AS confidence,
    coalesce(array_agg(DISTINCT party_record.source ORDER BY party_record.source), '{}') AS sources
FROM identity.membership
JOIN staging.party_record ON party_record.id = membership.record_id
WHERE membership.party_id = :party_id
    AND membership.valid_from_at <= CAST(:known_at AS timestamptz)
    AND (membership.valid_to_at IS NULL OR membership.valid_to_at > CAST(:known_at AS timestamptz))
