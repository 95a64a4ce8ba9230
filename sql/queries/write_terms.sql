-- Bring the terms of these parties to the given ones.
WITH desired AS MATERIALIZED (
    SELECT party_id, record_ref, meaning, value, shown, source, data_class
    FROM jsonb_to_recordset(CAST(:terms AS jsonb)) AS given
        (party_id text, record_ref text, meaning text, value text, shown text, source text, data_class text)
),
gone AS (
    DELETE FROM context.term
    WHERE term.party_id = ANY (CAST(:parties AS text[]))
      AND NOT EXISTS (
          SELECT FROM desired
          WHERE desired.party_id = term.party_id AND desired.record_ref = term.record_ref
            AND desired.meaning = term.meaning AND desired.value = term.value
      )
    RETURNING 1
),
put AS (
    INSERT INTO context.term AS term (party_id, record_ref, meaning, value, shown, source, data_class)
    SELECT party_id, record_ref, meaning, value, shown, source, data_class FROM desired
    ON CONFLICT (party_id, record_ref, meaning, value) DO UPDATE SET
        shown = excluded.shown, source = excluded.source, data_class = excluded.data_class
    WHERE (term.shown, term.source, term.data_class) IS DISTINCT FROM (excluded.shown, excluded.source, excluded.data_class)
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM put) AS changed
