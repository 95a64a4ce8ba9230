-- Into touched_item: the activities and documents of the origins in scope_origin, before the batch is written.
INSERT INTO touched_item (ref)
SELECT ref FROM staging.activity WHERE origin = ANY (ARRAY(SELECT origin FROM scope_origin))
UNION
SELECT ref FROM staging.document WHERE origin = ANY (ARRAY(SELECT origin FROM scope_origin))
