-- The passages nearest to a question in words and in meaning: an exact scan of the party's own rows, and of those of the parties that the
-- question names beside it, and what documents say whose number the question names; of what the caller may see. `matched` holds the question's words that the passage holds,
-- be it in another form.
WITH item AS (
    SELECT timeline.item_ref, min(CASE WHEN timeline.party_id = :party THEN '' ELSE timeline.party_id END) AS whose,
        bool_or(timeline.party_id <> :party) AS beside
    FROM context.timeline
    WHERE timeline.party_id = ANY (CAST(:parties AS text[]))
      AND timeline.occurred_at <= CAST(:at AS timestamptz)
      AND (:all_sources OR timeline.source = ANY (CAST(:sources AS text[])))
      AND (:all_classes OR timeline.data_class = ANY (CAST(:classes AS text[])))
    GROUP BY timeline.item_ref
),
own AS MATERIALIZED (
    SELECT item.item_ref, item.whose, item.beside, passage.position,
        CASE WHEN passage.embedder = :embedder THEN 1 - (passage.embedding <=> CAST(:embedding AS vector)) ELSE 0 END AS cosine,
        ts_rank_cd(passage.words, websearch_to_tsquery('english', :words) || to_tsquery('simple', :forms)) AS text_rank
    FROM item
    JOIN context.passage ON passage.item_ref = item.item_ref
),
near AS (
    (SELECT * FROM own ORDER BY cosine DESC, item_ref, position LIMIT 40)
    UNION
    (SELECT * FROM own WHERE text_rank > 0 ORDER BY text_rank DESC, cosine DESC, item_ref, position LIMIT 40)
    UNION
    (
        SELECT own.*
        FROM own
        JOIN staging.document ON document.ref = own.item_ref
        WHERE cardinality(CAST(:codes AS text[])) > 0 AND EXISTS (
            SELECT FROM unnest(CAST(:codes AS text[])) AS code
            WHERE position(code IN lower(document.title || ' ' || coalesce(document.attributes ->> 'number', ''))) > 0
        )
        ORDER BY own.cosine DESC, own.item_ref, own.position
        LIMIT 40
    )
)
SELECT timeline.item_ref AS ref, timeline.role, timeline.kind, timeline.title, timeline.status, timeline.amount, timeline.currency,
    timeline.source, timeline.data_class, timeline.untrusted, timeline.url, timeline.importance, timeline.occurred_at,
    passage.position, passage.text, near.cosine, coalesce(activity.thread, activity.origin, document.origin, timeline.item_ref) AS thread,
    coalesce(activity.attributes, document.attributes, '{}') AS attributes, document.ref IS NOT NULL AS document, near.beside,
    ARRAY(
        SELECT sought.word FROM unnest(CAST(:word_list AS text[]), CAST(:form_list AS text[])) AS sought (word, forms)
        WHERE passage.words @@ plainto_tsquery('english', sought.word)
           OR sought.forms <> '' AND passage.words @@ to_tsquery('simple', sought.forms)
    ) AS matched
FROM near
JOIN context.timeline
    ON timeline.party_id = CASE near.whose WHEN '' THEN :party ELSE near.whose END AND timeline.item_ref = near.item_ref
JOIN context.passage ON passage.item_ref = near.item_ref AND passage.position = near.position
LEFT JOIN staging.activity ON activity.ref = near.item_ref
LEFT JOIN staging.document ON document.ref = near.item_ref
WHERE CAST(:known_at AS timestamptz) IS NULL OR EXISTS (
    SELECT FROM landing.record
    WHERE record.ref = coalesce(activity.origin, document.origin) AND record.first_seen_at <= CAST(:known_at AS timestamptz)
)
ORDER BY near.cosine DESC, near.item_ref, near.position
