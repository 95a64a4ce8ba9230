-- How much there is of everything, and what waits for each step.
select (select count(*) from staging.party_record where deleted_at is null) as party_records,
       (select count(*) from identity.party where retired_at is null) as parties,
       (select count(*) from golden.record) as golden_records,
       (select count(*) from staging.activity) as activities,
       (select count(*) from staging.document) as documents,
       (select count(*) from context.passage) as passages,
       (select count(*) from identity.review where status = 'open') as open_reviews,
       (select count(*) from staging.pending) as records_to_map,
       (select count(*) from identity.pending) as records_to_resolve,
       (select count(*) from golden.pending) as parties_to_build,
       (select count(*) from context.pending) as context_to_build
