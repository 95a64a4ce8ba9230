-- No place is given for so many seconds.
INSERT INTO landing.account AS known (name, held_until)
VALUES (:name, clock_timestamp() + make_interval(secs => :seconds))
ON CONFLICT (name) DO UPDATE SET held_until = greatest(known.held_until, excluded.held_until)
