-- Of the places from :first to :last only those in :besides are still there.
UPDATE landing.place
SET gone = true
WHERE source = :source
  AND stream = :stream
  AND place >= :first
  AND place <= :last
  AND NOT gone
  AND place <> ALL (CAST(:besides AS text[]))
