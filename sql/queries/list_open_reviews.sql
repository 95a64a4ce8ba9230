-- The open reviews with the names of what they are about, those whose answer is worth most first.
select review.id,
       review.kind,
       coalesce(left_record.ref, review.subject) as left_ref,
       right_record.ref as right_ref,
       coalesce(left_record.attributes -> 'name' ->> 0, concat_ws(' ', left_record.attributes -> 'given_name' ->> 0, left_record.attributes -> 'family_name' ->> 0)) as left_name,
       coalesce(right_record.attributes -> 'name' ->> 0, concat_ws(' ', right_record.attributes -> 'given_name' ->> 0, right_record.attributes -> 'family_name' ->> 0)) as right_name,
       review.probability,
       (select string_agg(distinct each ->> 'reason', ', ') from jsonb_array_elements(review.evidence -> 'overmatch') as each) as overmatch
from identity.review as review
left join staging.party_record as left_record on left_record.id = review.left_id
left join staging.party_record as right_record on right_record.id = review.right_id
where review.status = 'open'
order by review.priority desc, review.id
limit :limit
