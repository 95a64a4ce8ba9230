-- Each stream's last run, with what it holds, what is quarantined, and why it is not published where it is held.
select run.source,
       run.stream,
       run.status,
       run.started_at as last_sync_at,
       coalesce(held.records, 0) as records,
       coalesce(held.deleted, 0) as deleted,
       coalesce(waiting.quarantined, 0) as quarantined,
       nullif(concat_ws(' ', rtrim(run.error ->> 'message', '.') || '.', run.error ->> 'action'), '') as error,
       hold.reason as held
from (
    select distinct on (source, stream) * from landing.sync_run order by source, stream, started_at desc, id desc
) as run
left join (
    select source, stream, count(*) filter (where deleted_at is null) as records, count(deleted_at) as deleted
    from landing.record group by source, stream
) as held using (source, stream)
left join (
    select source, stream, count(*) as quarantined from landing.quarantine where resolved_at is null group by source, stream
) as waiting using (source, stream)
left join (select source, stream, reason from landing.hold where released_at is null) as hold using (source, stream)
order by run.source, run.stream
