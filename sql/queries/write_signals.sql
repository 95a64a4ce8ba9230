-- Bring the signals of these parties to the given ones; returns the parties where one changed.
WITH desired AS MATERIALIZED (
    SELECT party_id, name, value, data_class, evidence
    FROM jsonb_to_recordset(CAST(:signals AS jsonb)) AS given (party_id text, name text, value jsonb, data_class text, evidence jsonb)
),
gone AS (
    DELETE FROM context.signal
    WHERE signal.party_id = ANY (CAST(:parties AS text[]))
      AND NOT EXISTS (SELECT FROM desired WHERE desired.party_id = signal.party_id AND desired.name = signal.name)
    RETURNING signal.party_id
),
put AS (
    INSERT INTO context.signal AS signal (party_id, name, value, data_class, evidence)
    SELECT party_id, name, value, data_class, evidence FROM desired
    ON CONFLICT (party_id, name) DO UPDATE SET
        value = excluded.value, data_class = excluded.data_class, evidence = excluded.evidence
    WHERE (signal.value, signal.data_class, signal.evidence) IS DISTINCT FROM (excluded.value, excluded.data_class, excluded.evidence)
    RETURNING signal.party_id
)
SELECT party_id FROM gone UNION SELECT party_id FROM put
