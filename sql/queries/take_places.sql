-- Places among an account's requests, by the virtual schedule of the generic cell rate algorithm: the bucket is full again so many seconds
-- later than it was going to be. A time too far ahead comes from a clock that was set back.
INSERT INTO landing.account AS known (name, full_at)
VALUES (:name, clock_timestamp() + make_interval(secs => :seconds))
ON CONFLICT (name) DO UPDATE
SET full_at = least(greatest(known.full_at, clock_timestamp()), clock_timestamp() + make_interval(secs => :farthest))
    + make_interval(secs => :seconds)
RETURNING
    CAST(extract(epoch FROM full_at - clock_timestamp()) AS float8) AS ahead,
    CAST(coalesce(extract(epoch FROM held_until - clock_timestamp()), 0) AS float8) AS held
