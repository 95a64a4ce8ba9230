-- Into touched_item: the activities and documents of the origins in scope_origin, before the batch is written.
INSERT INTO touched_item (ref)
SELECT item.ref FROM scope_origin CROSS JOIN LATERAL (SELECT ref FROM staging.activity WHERE origin = scope_origin.origin OFFSET 0) AS item
UNION
SELECT item.ref FROM scope_origin CROSS JOIN LATERAL (SELECT ref FROM staging.document WHERE origin = scope_origin.origin OFFSET 0) AS item
