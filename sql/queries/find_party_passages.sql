-- The passages nearest to a question in words and in meaning: an exact scan of the party's own rows, and of those of the parties that the
-- question names beside it; of what the caller may see.
-- `matched` holds the question's words that the passage holds.
WITH item AS (
    SELECT DISTINCT ON (timeline.item_ref) timeline.*
    FROM context.timeline
    WHERE timeline.party_id = ANY (CAST(:parties AS text[]))
      AND timeline.occurred_at <= CAST(:at AS timestamptz)
      AND (:all_sources OR timeline.source = ANY (CAST(:sources AS text[])))
      AND (:all_classes OR timeline.data_class = ANY (CAST(:classes AS text[])))
    ORDER BY timeline.item_ref, timeline.party_id <> :party, timeline.party_id
),
own AS (
    SELECT timeline.item_ref, passage.position,
        CASE WHEN passage.embedder = :embedder THEN 1 - (passage.embedding <=> CAST(:embedding AS vector)) ELSE 0 END AS cosine,
        ts_rank_cd(passage.words, websearch_to_tsquery('english', :words)) AS text_rank
    FROM item AS timeline
    JOIN context.passage ON passage.item_ref = timeline.item_ref
),
ranked AS (
    SELECT own.*, row_number() OVER (ORDER BY cosine DESC, item_ref, position) AS by_meaning,
        row_number() OVER (ORDER BY text_rank DESC, cosine DESC, item_ref, position) AS by_words
    FROM own
)
SELECT timeline.item_ref AS ref, timeline.role, timeline.kind, timeline.title, timeline.status, timeline.amount, timeline.currency, timeline.source,
    timeline.data_class, timeline.untrusted, timeline.url, timeline.importance, timeline.occurred_at,
    passage.position, passage.text, ranked.cosine, coalesce(activity.thread, activity.origin, document.origin, timeline.item_ref) AS thread,
    coalesce(activity.attributes, '{}') AS attributes,
    ARRAY(
        SELECT word FROM unnest(CAST(:word_list AS text[])) AS word WHERE passage.words @@ plainto_tsquery('english', word)
    ) AS matched
FROM ranked
JOIN item AS timeline ON timeline.item_ref = ranked.item_ref
JOIN context.passage ON passage.item_ref = ranked.item_ref AND passage.position = ranked.position
LEFT JOIN staging.activity ON activity.ref = ranked.item_ref
LEFT JOIN staging.document ON document.ref = ranked.item_ref
WHERE (ranked.by_meaning <= 40 OR (ranked.by_words <= 40 AND ranked.text_rank > 0))
  AND (CAST(:known_at AS timestamptz) IS NULL OR EXISTS (
      SELECT FROM landing.record
      WHERE record.ref = coalesce(activity.origin, document.origin) AND record.first_seen_at <= CAST(:known_at AS timestamptz)
  ))
ORDER BY ranked.cosine DESC, ranked.item_ref, ranked.position
