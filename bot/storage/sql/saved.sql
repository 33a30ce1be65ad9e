-- name: savable
-- The person's own, which its server's members see: a moment before that is on record.
id = :id and user_id = :user_id and guild_id is not null and status in ('delivering', 'delivered')
    and (private = 0 or published_id is not null)
    and outputs is not null and sealed_until is null and removed_by is null

-- name: could
select 1 from generation where ({savable});

-- name: save
-- As long as there is room for it.
insert into saved (generation_id, picture, guild_id, restricted, saved_at)
select id, :picture, guild_id, :restricted, :now from generation
where ({savable})
    and (select count(*) from saved
        where saved.guild_id = generation.guild_id and barred = 0) < :most
on conflict do nothing
returning generation_id;

-- name: found
select barred from saved where generation_id = :id and picture = :picture;

-- name: unsave
delete from saved where generation_id = :id and picture = :picture and barred = 0
returning guild_id;

-- name: bar
update saved set barred = 1
where generation_id = :id and picture = :picture and guild_id = :guild_id and barred = 0
returning guild_id;

-- name: of_request
select generation_id, picture from saved
where barred = 0 and generation_id in (
    select id from generation where interaction_id = :interaction_id);

-- name: of_guild
select saved.picture, saved.saved_at, saved.restricted, generation.*
from saved join generation on generation.id = saved.generation_id
where saved.guild_id = :guild_id and barred = 0 and status = 'delivered'
    and outputs is not null and sealed_until is null and removed_by is null
order by saved_at desc, generation_id, picture;

-- name: files
select saved.generation_id, saved.picture, saved.guild_id, generation.place_id, generation.outputs
from saved join generation on generation.id = saved.generation_id
where barred = 0 and outputs is not null and sealed_until is null and removed_by is null;

-- name: drop
delete from saved where generation_id = :id and picture = :picture and barred = 0;
