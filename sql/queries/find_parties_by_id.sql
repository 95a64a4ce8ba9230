SELECT id, kind, created_at, retired_at FROM identity.party WHERE id = ANY(CAST(:ids AS text[]))
