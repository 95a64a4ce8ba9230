-- How many items a party has, of each kind, source and data class: what is counted is told, or told as withheld.
SELECT timeline.kind, timeline.source, timeline.data_class, count(*) AS items
FROM context.timeline
WHERE timeline.party_id = :party
  AND timeline.occurred_at <= CAST(:at AS timestamptz)
  AND (CAST(:known_at AS timestamptz) IS NULL OR EXISTS (
      SELECT FROM staging.activity JOIN landing.record ON record.ref = activity.origin
      WHERE activity.ref = timeline.item_ref AND record.first_seen_at <= CAST(:known_at AS timestamptz)
      UNION ALL
      SELECT FROM staging.document JOIN landing.record ON record.ref = document.origin
      WHERE document.ref = timeline.item_ref AND record.first_seen_at <= CAST(:known_at AS timestamptz)
  ))
GROUP BY timeline.kind, timeline.source, timeline.data_class
