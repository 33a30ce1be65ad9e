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
on conflict (id) do update set version = version + 1
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

-- name: record
insert into audit (guild_id, number, at, actor, holder, subject, name, before, after)
select
    :guild_id, 1 + coalesce((select max(number) from audit where guild_id = :guild_id), 0),
    :at, :actor, :holder, :subject, :name, :before, :after;

-- name: audit
select number, at, actor, holder, subject, name, before, after from audit
where guild_id = :guild_id
order by number desc limit :limit;
