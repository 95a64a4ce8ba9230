-- Into touched_party: whoever takes part, or took part before, in an item of the batch.
INSERT INTO touched_party (ref)
SELECT party_ref FROM new_participant
UNION
SELECT party_ref FROM staging.participant WHERE item_ref = ANY (ARRAY(SELECT ref FROM touched_item))
