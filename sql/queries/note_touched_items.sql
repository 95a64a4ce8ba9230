-- Into touched_item: the activities and documents of the origins in scope_origin, before the batch is written.
INSERT INTO touched_item (ref)
SELECT item.ref FROM scope_origin JOIN staging.activity AS item ON item.origin = scope_origin.origin
UNION
SELECT item.ref FROM scope_origin JOIN staging.document AS item ON item.origin = scope_origin.origin
