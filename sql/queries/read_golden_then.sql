-- What was believed of a party at a moment: values true now and formerly.
SELECT attribute, value, rule, source, record_ref, override_id, losing, also, conflict, observed_at, valid_from_at, valid_to_at, known_from_at
FROM golden.attribute
WHERE party_id = :party_id
    AND known_from_at <= CAST(:known_at AS timestamptz)
    AND (known_to_at IS NULL OR known_to_at > CAST(:known_at AS timestamptz))
ORDER BY attribute, valid_from_at NULLS FIRST, id
