-- A moment later than every one written before, whatever the machine's clock did meanwhile.
SELECT greatest(
    clock_timestamp(),
    (SELECT occurred_at + interval '1 microsecond' FROM identity.event ORDER BY sequence DESC LIMIT 1)
)
