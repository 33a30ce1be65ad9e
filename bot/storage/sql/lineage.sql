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
-- What was made again, or edited, starts from what the earlier one started from: so its pictures
-- are copies of an image further up, or of what somebody else attached there. What is erased has
-- another id: it is nobody's parent any more. From each up, by primary key: never by a scan for
-- whatever may have begun from one.
with recursive begun (id, source, starter) as (
    select id, origin ->> 'generation_id', origin ->> 'by' from generation
    where origin_key is not null and pictures <> '[]' and ended_at is not null
    union
    select begun.id, origin ->> 'generation_id', origin ->> 'by'
    from begun join generation on generation.id = begun.source
    where starter in ('again', 'edit') and origin is not null
)
select distinct child.* from begun
join generation as child on child.id = begun.id
left join generation as parent on parent.id = begun.source
where (parent.id is null or parent.removed_by is not null)
    and (starter in ('change', 'upscale', 'vary') or (parent.user_id = child.user_id) is not true)
    and (cast(:interaction_id as bigint) is null or parent.interaction_id = :interaction_id);
