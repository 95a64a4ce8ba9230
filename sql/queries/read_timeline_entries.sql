-- What signals are worked out of: a party's items with what their records say beyond the timeline.
SELECT timeline.party_id, timeline.item_ref AS ref, timeline.kind, timeline.role, timeline.status, timeline.amount, timeline.currency,
    timeline.source, timeline.data_class, timeline.occurred_at, coalesce(activity.attributes, document.attributes, '{}') AS attributes
FROM context.timeline
LEFT JOIN staging.activity ON activity.ref = timeline.item_ref
LEFT JOIN staging.document ON document.ref = timeline.item_ref
WHERE timeline.party_id = ANY (CAST(:parties AS text[]))
ORDER BY timeline.party_id, timeline.item_ref
