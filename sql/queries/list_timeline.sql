-- A page of a party's timeline, newest first, of what the caller may see.
SELECT item_ref, role, kind, title, snippet, status, amount, currency, source, data_class, untrusted, url, importance, occurred_at, via_ref
FROM context.timeline
WHERE party_id = :party
  AND (CAST(:kinds AS text[]) IS NULL OR kind = ANY (CAST(:kinds AS text[])))
  AND (CAST(:before AS timestamptz) IS NULL OR occurred_at < CAST(:before AS timestamptz)
       OR (occurred_at = CAST(:before AS timestamptz) AND item_ref > :before_ref))
  AND (:all_sources OR source = ANY (CAST(:sources AS text[])))
  AND (:all_classes OR data_class = ANY (CAST(:classes AS text[])))
ORDER BY occurred_at DESC, item_ref
LIMIT :count
