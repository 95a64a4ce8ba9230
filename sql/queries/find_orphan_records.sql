-- Live records in no party, dead records still in one, and memberships of parties that do not live.
select record.ref, 'is in no party' as problem
from staging.party_record as record
left join identity.membership as member on member.record_id = record.id and member.valid_to_at is null
where record.deleted_at is null and member.id is null
  and not exists (select from identity.pending where pending.record_id = record.id)
union all
select record.ref, 'is deleted and still in ' || member.party_id
from staging.party_record as record
join identity.membership as member on member.record_id = record.id and member.valid_to_at is null
where record.deleted_at is not null and not exists (select from identity.pending where pending.record_id = record.id)
union all
select record.ref, 'is in ' || member.party_id || ', which does not live'
from identity.membership as member
join staging.party_record as record on record.id = member.record_id
left join identity.party as party on party.id = member.party_id and party.retired_at is null
where member.valid_to_at is null and party.id is null
