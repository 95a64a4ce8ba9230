-- A moment later than every one that golden rows were opened at, whatever the machine's clock did meanwhile; whoever writes holds the lock.
SELECT greatest(
    clock_timestamp(),
    (SELECT known_from_at + interval '1 microsecond' FROM golden.attribute ORDER BY id DESC LIMIT 1),
    (SELECT known_from_at + interval '1 microsecond' FROM golden.relationship ORDER BY id DESC LIMIT 1)
)
