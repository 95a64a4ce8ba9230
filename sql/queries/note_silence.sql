-- The source did not answer. After so many times in a row the breaker opens, each time for twice as long and a random part of it.
INSERT INTO landing.account AS known (name, failures)
VALUES (:name, 1)
ON CONFLICT (name) DO UPDATE
SET failures = known.failures + 1,
    probing_until = NULL,
    openings = known.openings + CASE WHEN known.failures + 1 >= :most AND coalesce(known.open_until <= clock_timestamp(), true) THEN 1 ELSE 0 END,
    open_until = CASE
        WHEN known.failures + 1 >= :most AND coalesce(known.open_until <= clock_timestamp(), true)
        THEN clock_timestamp() + make_interval(secs => least(:longest, :first * 2 ^ least(known.openings, 20)) * (0.5 + random() / 2))
        ELSE known.open_until
    END
