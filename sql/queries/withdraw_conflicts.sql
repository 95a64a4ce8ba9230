-- Reviews of these subjects that no longer have a reason.
UPDATE identity.review SET status = 'withdrawn', closed_at = CAST(:at AS timestamptz)
WHERE kind = 'conflict' AND status = 'open' AND subject = ANY (CAST(:subjects AS text[]))
RETURNING id
