-- Take parties off the list, in order.
WITH taken AS (SELECT party_id FROM golden.pending ORDER BY party_id LIMIT :batch)
DELETE FROM golden.pending USING taken WHERE pending.party_id = taken.party_id RETURNING pending.party_id
