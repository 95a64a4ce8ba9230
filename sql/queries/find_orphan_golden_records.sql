select party.id, 'has no golden record' as problem
from identity.party as party
left join golden.record as record on record.party_id = party.id
where party.retired_at is null and record.party_id is null
  and not exists (select from golden.pending where pending.party_id = party.id)
union all
select record.party_id, 'is retired and still has a golden record'
from golden.record as record
left join identity.party as party on party.id = record.party_id and party.retired_at is null
where party.id is null and not exists (select from golden.pending where pending.party_id = record.party_id)
