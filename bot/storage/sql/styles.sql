-- name: all
select guild_id, name, prefix, suffix from style order by guild_id, key;

-- name: of_guild
select guild_id, name, prefix, suffix from style where guild_id = :guild_id order by key;

-- name: set
insert into style (guild_id, key, name, prefix, suffix)
values (:guild_id, :key, :name, :prefix, :suffix)
on conflict (guild_id, key) do update
set name = excluded.name, prefix = excluded.prefix, suffix = excluded.suffix;

-- name: unset
delete from style where guild_id = :guild_id and key = :key;
