-- The open reviews with the names of what they are about, those whose answer is worth most first.
select review.id,
       review.kind,
       review.subject,
       left_record.attributes -> 'name' ->> 0 as left_name,
       right_record.attributes -> 'name' ->> 0 as right_name,
       review.probability,
       review.opened_at
from identity.review as review
left join staging.party_record as left_record on left_record.id = review.left_id
left join staging.party_record as right_record on right_record.id = review.right_id
where review.status = 'open'
order by review.priority desc, review.id
limit :limit
