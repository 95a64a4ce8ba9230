-- The language model's judgements on records of which it read another content than the profiles made anew are of.
UPDATE identity.judgement
SET superseded_at = CAST(:at AS timestamptz), superseded_by = 'changed'
WHERE superseded_at IS NULL AND authority = 'language_model' AND evidence ? 'inputs'
    AND EXISTS (
        SELECT FROM identity.next_profile AS next
        WHERE (next.record_id = judgement.left_id AND encode(next.content_hash, 'hex') <> judgement.evidence -> 'inputs' ->> 0)
            OR (next.record_id = judgement.right_id AND encode(next.content_hash, 'hex') <> judgement.evidence -> 'inputs' ->> 1)
    )
