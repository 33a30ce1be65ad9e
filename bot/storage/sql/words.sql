-- name: all
select guild_id, kind, text, reason from word_rule order by guild_id, kind, text;

-- name: of_guild
select guild_id, kind, text, reason from word_rule where guild_id = :guild_id order by kind, text;

-- name: reason
select reason from word_rule where guild_id = :guild_id and kind = :kind and text = :text;

-- name: set
insert into word_rule (guild_id, kind, text, reason) values (:guild_id, :kind, :text, :reason)
on conflict (guild_id, kind, text) do update set reason = excluded.reason;

-- name: unset
delete from word_rule where guild_id = :guild_id and kind = :kind and text = :text;

-- name: count
insert into word_refusal (guild_id, day, refusals) values (:guild_id, :day, 1)
on conflict (guild_id, day) do update set refusals = word_refusal.refusals + 1;

-- name: refusals
select coalesce(sum(refusals), 0) as refusals from word_refusal
where guild_id = :guild_id and day >= :since;
