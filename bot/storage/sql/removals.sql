-- name: whose
-- Nothing of it was erased: who is erased is nobody.
select user_id from generation where interaction_id = :interaction_id limit 1;

-- name: remove
-- Once the whole request has ended; the operator's word is the last, a moderator's beats whoever's
-- who asked. While it is reported their own word hides it, and destroys nothing. The reason is that
-- of whoever removed it, not of who rejected or removed it before: the record has those.
update generation set
    sealed_until = case when :by = 'requester' then max(:until, coalesce((
        select opened_at + :lapse from reported
        where reported.interaction_id = :interaction_id and verdict is null), 0))
        else :until end,
    removed_by = :by,
    reason = case when :by = 'requester' then reason else nullif(:reason, '') end
where interaction_id = :interaction_id and not exists (
        select 1 from generation as sibling
        where sibling.interaction_id = :interaction_id and sibling.ended_at is null)
    and coalesce(removed_by, '') not in ('operator', :by)
    and not (:by = 'requester' and removed_by is not null)
    and (:reported = 0 or exists (
        select 1 from reported
        where reported.interaction_id = :interaction_id and verdict is null))
returning *;

-- name: decide
-- What is removed is not to be decided any more.
update reported set verdict = 'removed', decided_at = :now, actor = cast(:actor as bigint)
where interaction_id = :interaction_id and verdict is null;

-- name: close_reports
update report set closed_at = :now, reason = ''
where interaction_id = :interaction_id and closed_at is null;

-- name: to_delete
-- What a moderator removes is news to whoever asked; the operator's reasons are not for them.
insert into removal (
    interaction_id, guild_id, channel_id, user_id, direct, tell, message_id, published_id)
select
    interaction_id, guild_id, channel_id, max(user_id), max(case when direct = 1 and review = 'off' then 1 else 0 end),
    case when :by = 'moderator' and max(user_id) <> :actor_id then 1 else 0 end,
    max(case when private = 0 then message_id end), max(published_id)
from generation where interaction_id = :interaction_id and removed_by is not null
group by interaction_id, guild_id, channel_id
on conflict do nothing;

-- name: unsave
delete from saved where generation_id in (
    select id from generation where interaction_id = :interaction_id);

-- name: told
-- Whoever gets this row back tells them.
update removal set tell = 0 where interaction_id = :interaction_id and tell = 1
returning interaction_id;

-- name: waiting
select * from removal order by interaction_id;

-- name: of_request
select * from removal where interaction_id = :interaction_id;

-- name: deleted
delete from removal where interaction_id = :interaction_id;

-- name: cover
-- Also where it is covered already: its message may still be to be changed.
update generation set spoiler = 1
where interaction_id = :interaction_id and removed_by is null and ended_at is not null
returning id;

-- name: due
select * from generation where sealed_until <= :now and outputs is not null;

-- name: known_by
-- By what the images were known they still are, for as long as the line is there: a takedown that
-- comes later finds and refuses their copies.
insert into delivered_hash (sha256, generation_id)
select made.value ->> 'sha256', generation.id from generation, json_each(outputs) as made
where generation.id in (select value from json_each(:ids)) and sealed_until is not null
    and coalesce(made.value ->> 'sha256', '') <> ''
on conflict do nothing;

-- name: emptied
update generation set outputs = null
where id in (select value from json_each(:ids)) and sealed_until is not null;
