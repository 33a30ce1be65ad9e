-- name: head
select begun_after, number, hash from audit_head where guild_id = :guild_id;

-- name: append
insert into audit (
    guild_id, number, at, action, actor, actor_salt, actor_mark, subject, subject_salt,
    subject_mark, reason, reason_salt, reason_mark, details, hash)
values (
    :guild_id, :number, :at, :action, :actor, :actor_salt, :actor_mark, :subject, :subject_salt,
    :subject_mark, :reason, :reason_salt, :reason_mark, :details, :hash);

-- name: move_head
insert into audit_head (guild_id, number, hash) values (:guild_id, :number, :hash)
on conflict (guild_id) do update set number = excluded.number, hash = excluded.hash;

-- name: entries
-- Newest first.
select guild_id, number, at, action, actor, subject, reason, details, hash from audit
where guild_id = :guild_id and number < :before and at >= :since
    and (:action is null or action = :action)
    and (:person is null or actor = :person or subject = :person)
order by number desc limit :limit;

-- name: chains
-- In one look, so that the head and the last entry belong together also while somebody writes.
select
    guilds.id as guild_id, begun_after, audit_head.number, audit_head.hash,
    (select max(audit.number) from audit where audit.guild_id = guilds.id) as last
from (
    select guild_id as id from audit_head
    union select guild_id from audit) as guilds
left join audit_head on audit_head.guild_id = guilds.id
where :guild_id is null or guilds.id = :guild_id
order by guilds.id;

-- name: links
select * from audit
where guild_id = :guild_id and number > :after and number <= :until
order by number limit :limit;

-- name: by_hash
select guild_id, number from audit where hash = :hash;

-- name: to_post
-- Counted as posted from now on: a crash loses one rather than posts it twice.
update audit_head set posted = number, posted_at = :now
where guild_id = :guild_id and number > posted and posted_at <= :before
returning number, hash;

-- name: not_posted
update audit_head set posted = posted - 1, posted_at = 0 where guild_id = :guild_id;
