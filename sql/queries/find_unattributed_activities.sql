-- Activities, counted by stream, of which no source has told us the party. Mail is left out: mail among ourselves has none.
select activity.source, activity.stream, activity.kind, count(*) as activities
from staging.activity as activity
where activity.kind <> 'email'
  and not exists (
      select from staging.participant as participant
      join staging.party_record as record on record.ref = participant.party_ref
      where participant.item_ref = activity.ref
  )
group by activity.source, activity.stream, activity.kind
