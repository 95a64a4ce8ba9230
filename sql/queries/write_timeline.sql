-- Bring the timeline rows of these items to what staging, identity and golden say now; a row that would be the same is not touched.
-- An item belongs to every party one of whose records takes part, and to the employer, at that time, of every person so found.
WITH item AS (
    SELECT ref, kind, title, left(body, 600) AS body, status, amount, currency, source, data_class, untrusted, url, origin, occurred_at,
        lower(coalesce(status, attributes ->> 'payment_state')) AS state
    FROM staging.activity
    WHERE ref = ANY (CAST(:items AS text[]))
    UNION ALL
    SELECT document.ref, document.kind, document.title, left(document.text, 600), NULL, NULL, NULL, document.source, document.data_class,
        document.untrusted, document.url, document.origin,
        coalesce(
            CAST(document.dated_on AS timestamp) AT TIME ZONE 'UTC',
            (SELECT min(message.occurred_at) FROM staging.activity AS message WHERE message.origin = document.origin),
            landed.source_updated_at, landed.first_seen_at, 'epoch'
        ),
        NULL
    FROM staging.document
    LEFT JOIN landing.record AS landed ON landed.ref = document.origin
    WHERE document.ref = ANY (CAST(:items AS text[]))
),
said AS (
    SELECT item.ref AS item_ref, item.source, participant.position, participant.role, participant.party_ref, participant.name
    FROM item
    JOIN staging.participant ON participant.item_ref = item.ref
    UNION ALL  -- an attachment that names nobody belongs to those of its message
    SELECT item.ref, item.source, participant.position, participant.role, participant.party_ref, participant.name
    FROM item
    JOIN staging.activity AS message ON message.origin = item.origin AND message.ref <> item.ref
    JOIN staging.participant ON participant.item_ref = message.ref
    WHERE item.kind = 'attachment'
      AND NOT EXISTS (SELECT FROM staging.participant AS own WHERE own.item_ref = item.ref)
),
direct AS (
    SELECT said.item_ref, said.position, said.role, said.party_ref, membership.party_id,
        coalesce(
            CASE WHEN party_record.source = said.source THEN coalesce(
                nullif(party_record.attributes -> 'name' ->> 0, ''),
                nullif(concat_ws(' ', party_record.attributes -> 'given_name' ->> 0, party_record.attributes -> 'family_name' ->> 0), '')
            ) END,
            nullif(said.name, ''), 'a person'
        ) AS name
    FROM said
    JOIN staging.party_record ON party_record.ref = said.party_ref AND party_record.deleted_at IS NULL
    JOIN identity.membership ON membership.record_id = party_record.id AND membership.valid_to_at IS NULL
),
employment AS (  -- the first that is known is taken to have always been: a source tells since when it says so, not since when it is so
    SELECT from_party_id, to_party_id, valid_to_at,
        CASE WHEN rank() OVER (PARTITION BY from_party_id ORDER BY valid_from_at NULLS FIRST) > 1 THEN valid_from_at END AS valid_from_at
    FROM golden.relationship
    WHERE kind = 'employment' AND known_to_at IS NULL AND from_party_id IN (SELECT party_id FROM direct)
),
belongs AS (
    SELECT party_id, item_ref, role, party_ref, position, 0 AS distance FROM direct
    UNION ALL  -- the name is a word of the item's own source: who may see the item may see it
    SELECT employment.to_party_id, direct.item_ref, 'via ' || left(direct.name, 100), direct.party_ref, direct.position, 1
    FROM direct
    JOIN employment ON employment.from_party_id = direct.party_id
    JOIN item ON item.ref = direct.item_ref
    WHERE (employment.valid_to_at IS NULL OR item.occurred_at < employment.valid_to_at)
      AND (employment.valid_from_at IS NULL OR item.occurred_at >= employment.valid_from_at)
),
desired AS MATERIALIZED (
    SELECT DISTINCT ON (belongs.party_id, belongs.item_ref)
        belongs.party_id, belongs.item_ref, belongs.role, item.kind, left(item.title, 300) AS title,
        left(btrim(regexp_replace(item.body, '\s+', ' ', 'g')), 240) AS snippet,
        item.status, item.amount, item.currency, item.source, item.data_class, item.untrusted, item.url, item.occurred_at,
        belongs.party_ref AS via_ref,
        CAST(round(CAST(least(1.0,
            CASE item.kind
                WHEN 'contract' THEN 0.7 WHEN 'invoice' THEN 0.5 WHEN 'order' THEN 0.5 WHEN 'deal' THEN 0.5 WHEN 'ticket' THEN 0.5
                WHEN 'meeting' THEN 0.5 WHEN 'email' THEN 0.4 WHEN 'note' THEN 0.4 WHEN 'payment' THEN 0.3 ELSE 0.3
            END
            + CASE WHEN item.kind IN ('invoice', 'ticket', 'deal') AND NOT coalesce(item.state = ANY (CAST(:closed AS text[])), FALSE)
                THEN 0.2 ELSE 0 END
            + CASE WHEN item.amount IS NULL THEN 0 ELSE least(0.2, 0.04 * log(1 + abs(item.amount))) END
        ) AS numeric), 3) AS double precision) AS importance
    FROM belongs
    JOIN item ON item.ref = belongs.item_ref
    ORDER BY belongs.party_id, belongs.item_ref, belongs.distance, belongs.position
),
gone AS (
    DELETE FROM context.timeline
    WHERE timeline.item_ref = ANY (CAST(:items AS text[]))
      AND NOT EXISTS (SELECT FROM desired WHERE desired.party_id = timeline.party_id AND desired.item_ref = timeline.item_ref)
    RETURNING timeline.party_id
),
put AS (
    INSERT INTO context.timeline AS timeline
        (party_id, item_ref, role, kind, title, snippet, status, amount, currency, source, data_class, untrusted, url, occurred_at, via_ref,
         importance)
    SELECT party_id, item_ref, role, kind, title, snippet, status, amount, currency, source, data_class, untrusted, url, occurred_at, via_ref,
        importance
    FROM desired
    ON CONFLICT (party_id, item_ref) DO UPDATE SET
        role = excluded.role, kind = excluded.kind, title = excluded.title, snippet = excluded.snippet, status = excluded.status,
        amount = excluded.amount, currency = excluded.currency, source = excluded.source, data_class = excluded.data_class,
        untrusted = excluded.untrusted, url = excluded.url, occurred_at = excluded.occurred_at, via_ref = excluded.via_ref,
        importance = excluded.importance
    WHERE (timeline.role, timeline.kind, timeline.title, timeline.snippet, timeline.status, timeline.amount, timeline.currency,
           timeline.source, timeline.data_class, timeline.untrusted, timeline.url, timeline.occurred_at, timeline.via_ref,
           timeline.importance)
        IS DISTINCT FROM
          (excluded.role, excluded.kind, excluded.title, excluded.snippet, excluded.status, excluded.amount, excluded.currency,
           excluded.source, excluded.data_class, excluded.untrusted, excluded.url, excluded.occurred_at, excluded.via_ref,
           excluded.importance)
    RETURNING timeline.party_id
)
SELECT party_id, 0 AS written, count(*) AS removed FROM gone GROUP BY party_id
UNION ALL
SELECT party_id, count(*), 0 FROM put GROUP BY party_id
