-- What waits in quarantine, the latest first.
select source || '/' || stream || '/' || key as ref, reason from landing.quarantine where resolved_at is null order by last_at desc, id
