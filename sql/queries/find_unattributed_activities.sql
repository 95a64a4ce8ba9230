-- Participants that name a party record which no source has told us of.
select participant.item_ref, participant.role, participant.party_ref
from staging.participant as participant
left join staging.party_record as record on record.ref = participant.party_ref
where record.id is null
