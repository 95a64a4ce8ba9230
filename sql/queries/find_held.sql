-- The streams whose last sync waits for somebody to look, the longest first.
select source || '/' || stream as stream, reason from landing.hold where released_at is null order by held_at, id
