-- What a transaction of the resolver stands under, once it holds the lock: a moment later than every one written before, whatever the
-- machine's clock did meanwhile; the model in force; at most :limit of the pending records; whether there are records whose pairs are made
-- and whose parties are not yet; and about how many records there are, as of the last look of the database's own housekeeping.
SELECT
    greatest(
        clock_timestamp(),
        (SELECT occurred_at + interval '1 microsecond' FROM identity.event ORDER BY sequence DESC LIMIT 1)
    ) AS at,
    (SELECT version FROM identity.model WHERE status = 'in_force') AS version,
    ARRAY(SELECT record_id FROM identity.pending LIMIT :limit) AS waiting,
    EXISTS (SELECT FROM identity.ungrouped) AS ungrouped,
    (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'staging.party_record'::regclass) AS estimate
