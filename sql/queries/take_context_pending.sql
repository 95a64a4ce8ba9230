-- Take subjects off a step's list, parties before items (a party's items are then done with it). The rows are gone before the data is
-- read, so a writer who names a subject again waits for this transaction, and its word is not lost.
WITH taken AS (
    SELECT step, subject
    FROM context.pending
    WHERE step = :step
    ORDER BY subject LIKE '%/%', subject
    LIMIT :batch
    FOR UPDATE
)
DELETE FROM context.pending AS pending
USING taken
WHERE pending.step = taken.step AND pending.subject = taken.subject
RETURNING pending.subject
