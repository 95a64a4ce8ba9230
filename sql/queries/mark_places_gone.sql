-- Of the places in each span, from one of :firsts to the one of :lasts beside it, only those in :besides are still there.
UPDATE landing.place
SET gone = true
FROM unnest(CAST(:firsts AS text[]), CAST(:lasts AS text[])) AS span (first, last)
WHERE place.source = :source
  AND place.stream = :stream
  AND place.place >= span.first
  AND place.place <= span.last
  AND NOT place.gone
  AND place.place <> ALL (CAST(:besides AS text[]))
