-- Writes pairs; a pair that is as it was is left alone.
INSERT INTO identity.pair AS kept (left_id, right_id, weight, probability, rule, verdict, linked, levels, model_version)
SELECT left_id, right_id, weight, probability, rule, verdict, linked, CAST(levels AS jsonb), CAST(:model_version AS text)
FROM unnest(
    CAST(:left_ids AS bigint[]), CAST(:right_ids AS bigint[]), CAST(:weights AS float8[]), CAST(:probabilities AS float8[]),
    CAST(:rules AS text[]), CAST(:verdicts AS smallint[]), CAST(:linked AS boolean[]), CAST(:levels AS text[])
) AS given (left_id, right_id, weight, probability, rule, verdict, linked, levels)
ON CONFLICT (left_id, right_id) DO UPDATE
SET weight = excluded.weight, probability = excluded.probability, rule = excluded.rule, verdict = excluded.verdict,
    linked = excluded.linked, levels = excluded.levels, model_version = excluded.model_version
WHERE (kept.weight, kept.probability, kept.rule, kept.verdict, kept.linked, kept.levels, kept.model_version)
    IS DISTINCT FROM
    (excluded.weight, excluded.probability, excluded.rule, excluded.verdict, excluded.linked, excluded.levels, excluded.model_version)
