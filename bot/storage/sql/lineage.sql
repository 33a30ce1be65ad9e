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
-- What is erased has another id: it is nobody's parent any more.
select child.* from generation as child
left join generation as parent on parent.id = child.origin ->> 'generation_id'
where child.origin_key is not null and child.pictures <> '[]' and child.ended_at is not null
    and child.origin ->> 'by' in ('change', 'upscale', 'vary')
    and (parent.id is null or parent.removed_by is not null)
    and (cast(:interaction_id as bigint) is null or parent.interaction_id = :interaction_id);
