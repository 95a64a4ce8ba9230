-- The candidate pairs, each once, with a bit for every rule that found it: `left` before `right` in the records' order.
-- keys (rule, kind, key, row). uses (rule, kind, cap, coarse): the rules to use and the largest block of each that makes pairs; coarse is
-- null, or the rule of whose too large blocks this one parts the records.
with held as (
    select /*+ broadcast(uses) */ rule, kind, key, row, cap, coarse
    from keys join uses using (rule, kind)
),
too_large as (
    select distinct rule, kind, row
    from held join (
        select rule, kind, key
        from held left semi join (select coarse as parted from uses) on parted = rule
        group by rule, kind, key, cap
        having count(*) > cap
    ) using (rule, kind, key)
),
kept as (
    select rule, kind, key, row, cap from held where coarse is null
    union all
    select rule, kind, key, row, cap
    from held left semi join too_large
        on too_large.rule = held.coarse and too_large.kind = held.kind and too_large.row = held.row
    where coarse is not null
),
fitting as (
    select rule, kind, key from kept group by rule, kind, key, cap having count(*) between 2 and cap
),
block as (
    select rule, array_sort(collect_list(row)) as members
    from kept join fitting using (rule, kind, key)
    group by rule, kind, key
),
pair as (
    select rule, left, explode(slice(members, place + 2, size(members))) as right
    from block lateral view posexplode(members) as place, left
)
select left, right, bit_or(shiftleft(1L, rule)) as rules
from pair
group by left, right
