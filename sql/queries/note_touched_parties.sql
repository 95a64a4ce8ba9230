-- Into touched_party: whoever takes part, or took part before, in an item of the batch.
INSERT INTO touched_party (ref)
SELECT party_ref FROM new_participant
UNION
SELECT participant.party_ref
FROM touched_item
JOIN staging.participant AS participant ON participant.item_ref = touched_item.ref
