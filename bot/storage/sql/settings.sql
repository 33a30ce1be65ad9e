-- name: versions
select id, version from guild;

-- name: version
select version from guild where id = :guild_id;

-- name: all
select guild_id, holder, subject, name, value from setting;

-- name: of_guild
select guild_id, holder, subject, name, value from setting where guild_id = :guild_id;

-- name: raise_version
insert into guild (id, version) values (:guild_id, 1)
on conflict (id) do update set version = guild.version + 1
returning version;

-- name: value
select value from setting
where guild_id = :guild_id and holder = :holder and subject = :subject and name = :name;

-- name: set
insert into setting (guild_id, holder, subject, name, value)
values (:guild_id, :holder, :subject, :name, :value)
on conflict (guild_id, holder, subject, name) do update set value = excluded.value;

-- name: unset
delete from setting
where guild_id = :guild_id and holder = :holder and subject = :subject and name = :name;

-- name: audit
-- Of whoever was erased since, 0.
select
    number, at, coalesce(actor, 0) as actor, details ->> 'holder' as holder,
    coalesce(subject, cast(details ->> 'id' as bigint)) as subject,
    details ->> 'name' as name, details ->> 'before' as before, details ->> 'after' as after,
    coalesce(reason, '') as reason
from audit
where guild_id = :guild_id and action = 'setting'
order by number desc limit :limit;
