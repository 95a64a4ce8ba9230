-- About how many party records there are, as of the last look of the database's own housekeeping; nothing is counted.
SELECT greatest(reltuples, pg_relation_size(oid) / 2048)::bigint FROM pg_class WHERE oid = 'staging.party_record'::regclass
