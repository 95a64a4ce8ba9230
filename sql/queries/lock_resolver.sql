-- The lock `resolve`, until the transaction ends. The resolver's queries take lists of any length, and each has one plan that is right: to
-- plan anew for each list takes longer than to run most of them.
SELECT pg_advisory_xact_lock(hashtextextended('resolve', 0)), set_config('plan_cache_mode', 'force_generic_plan', true)
