-- The party's items of some kinds (all where none is named), of what the caller may see: newest first, or by weight and recency.
-- state: 'any', 'open', 'overdue' (open, and due before :today) or 'closed'.
WITH chosen AS MATERIALIZED (
    SELECT timeline.*,
        CASE WHEN :by_weight
            THEN timeline.importance + exp(-abs(CAST(extract(EPOCH FROM CAST(:at AS timestamptz) - timeline.occurred_at) AS double precision)) / 31557600)
        END AS weight
    FROM context.timeline
    WHERE timeline.party_id = :party
      AND timeline.occurred_at <= CAST(:at AS timestamptz)
      AND (:all_sources OR timeline.source = ANY (CAST(:sources AS text[])))
      AND (:all_classes OR timeline.data_class = ANY (CAST(:classes AS text[])))
      AND (CAST(:kinds AS text[]) IS NULL OR timeline.kind = ANY (CAST(:kinds AS text[])))
      AND (CAST(:only AS text[]) IS NULL OR timeline.item_ref = ANY (CAST(:only AS text[])))
      AND timeline.item_ref <> ALL (CAST(:without AS text[]))
      AND CASE CAST(:state AS text)
          WHEN 'any' THEN TRUE
          WHEN 'closed' THEN lower(coalesce(timeline.status, '')) = ANY (CAST(:closed AS text[]))
          ELSE lower(coalesce(timeline.status, '')) <> ALL (CAST(:closed AS text[])) AND coalesce(timeline.amount, 0) >= 0
      END
      AND (CAST(:state AS text) <> 'overdue' OR EXISTS (
          SELECT FROM staging.activity
          WHERE activity.ref = timeline.item_ref AND activity.attributes ->> 'due_on' < CAST(:today AS text)
      ))
      AND (CAST(:known_at AS timestamptz) IS NULL OR EXISTS (
          SELECT FROM staging.activity JOIN landing.record ON record.ref = activity.origin
          WHERE activity.ref = timeline.item_ref AND record.first_seen_at <= CAST(:known_at AS timestamptz)
          UNION ALL
          SELECT FROM staging.document JOIN landing.record ON record.ref = document.origin
          WHERE document.ref = timeline.item_ref AND record.first_seen_at <= CAST(:known_at AS timestamptz)
      ))
    ORDER BY weight DESC NULLS LAST, timeline.occurred_at DESC, timeline.item_ref
    LIMIT :count OFFSET :skip
)
SELECT chosen.item_ref AS ref, chosen.role, chosen.kind, chosen.title, chosen.status, chosen.amount, chosen.currency, chosen.source,
    chosen.data_class, chosen.untrusted, chosen.url, chosen.importance, chosen.occurred_at,
    0 AS position, coalesce(passage.text, chosen.snippet) AS text, 0.0 AS cosine,
    coalesce(activity.thread, activity.origin, document.origin, chosen.item_ref) AS thread,
    coalesce(activity.attributes, '{}') AS attributes, CAST('{}' AS text[]) AS matched
FROM chosen
LEFT JOIN context.passage ON passage.item_ref = chosen.item_ref AND passage.position = 0
LEFT JOIN staging.activity ON activity.ref = chosen.item_ref
LEFT JOIN staging.document ON document.ref = chosen.item_ref
ORDER BY chosen.weight DESC NULLS LAST, chosen.occurred_at DESC, chosen.item_ref
