-- The parties on whose timeline an item holds the words, the best item of each; those of which the caller may know a record.
SELECT found.party_id, found.item_ref AS record_ref, found.title AS shown, found.kind AS meaning, found.rank, found.untrusted
FROM (
    SELECT DISTINCT ON (timeline.party_id) timeline.party_id, timeline.item_ref, timeline.title, timeline.kind, timeline.untrusted, hit.rank
    FROM (
        SELECT passage.item_ref, max(ts_rank_cd(passage.words, websearch_to_tsquery('english', :words), 32)) AS rank
        FROM context.passage
        WHERE passage.words @@ websearch_to_tsquery('english', :words)
          AND EXISTS (  -- here, and not only below: what is withheld must not crowd out what is not
              SELECT FROM context.timeline AS seen
              WHERE seen.item_ref = passage.item_ref
                AND (:all_sources OR seen.source = ANY (CAST(:sources AS text[])))
                AND (:all_classes OR seen.data_class = ANY (CAST(:classes AS text[])))
          )
        GROUP BY passage.item_ref
        ORDER BY rank DESC, passage.item_ref
        LIMIT 1000
    ) AS hit
    JOIN context.timeline ON timeline.item_ref = hit.item_ref
    JOIN golden.record ON record.party_id = timeline.party_id AND (:all_sources OR record.sources && CAST(:sources AS text[]))
    WHERE (:all_sources OR timeline.source = ANY (CAST(:sources AS text[])))
      AND (:all_classes OR timeline.data_class = ANY (CAST(:classes AS text[])))
    ORDER BY timeline.party_id, hit.rank DESC, timeline.item_ref
) AS found
ORDER BY found.rank DESC, found.party_id
LIMIT 200
