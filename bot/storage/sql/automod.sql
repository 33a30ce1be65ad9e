-- name: all
select guild_id, read_at, rules from automod;

-- name: keep
insert into automod (guild_id, read_at, rules) values (:guild_id, :read_at, :rules)
on conflict (guild_id) do update set read_at = excluded.read_at, rules = excluded.rules;

-- name: forget
delete from automod where guild_id = :guild_id;
