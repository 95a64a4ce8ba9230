-- A moment later than every one at which what these parties are believed to be was written, whatever the machine's clock did meanwhile.
SELECT greatest(
    clock_timestamp(),
    (SELECT max(known_from_at) FROM golden.attribute WHERE party_id = ANY (CAST(:party_ids AS text[]))) + interval '1 microsecond',
    (SELECT max(known_from_at) FROM golden.relationship WHERE from_party_id = ANY (CAST(:party_ids AS text[]))) + interval '1 microsecond'
)
