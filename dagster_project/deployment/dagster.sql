-- Dagster's own storage has a database of its own, beside Crosswalk's.
CREATE DATABASE dagster;
