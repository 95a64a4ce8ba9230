SELECT id FROM identity.party WHERE id = ANY(CAST(:ids AS text[]))
