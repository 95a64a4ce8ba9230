-- One request may try whether a source is back whose breaker has been open for its time; its claim ends by itself, should the process die.
UPDATE landing.account SET probing_until = clock_timestamp() + make_interval(secs => :seconds)
WHERE name = :name AND open_until <= clock_timestamp() AND (probing_until IS NULL OR probing_until <= clock_timestamp())
RETURNING name
