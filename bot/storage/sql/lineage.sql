-- name: line
-- From the nearest on.
with recursive line (id, depth) as (
    select origin ->> 'generation_id', 1 from generation where id = :id
    union all
    select origin ->> 'generation_id', depth + 1 from generation join line using (id)
    where depth < :most
)
select generation.* from generation join line using (id) order by depth;

-- name: copies
-- What is erased has another id: it is nobody's parent any more. What is made again of a changed image
-- starts from the same one; what somebody attached is a copy where another person starts from it.
with recursive gone (id) as (
    select child.id from generation as child
    left join generation as parent on parent.id = child.origin ->> 'generation_id'
    where child.origin_key is not null and child.pictures <> '[]'
        and (child.origin ->> 'by' in ('change', 'upscale', 'vary')
            or child.user_id <> coalesce(parent.user_id, 0))
        and (parent.id is null or parent.removed_by is not null)
        and (cast(:interaction_id as bigint) is null or parent.interaction_id = :interaction_id)
    union
    select child.id from generation as child
    join gone on gone.id = child.origin ->> 'generation_id'
    where child.origin_key is not null and child.origin ->> 'by' in ('again', 'edit')
)
select generation.* from generation join gone using (id)
where pictures <> '[]' and ended_at is not null;
