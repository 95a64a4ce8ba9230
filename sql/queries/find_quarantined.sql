select source, stream, key, stage, reason from landing.quarantine where resolved_at is null order by last_at desc
