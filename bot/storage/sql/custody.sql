-- name: enter
insert into fact (name, value) values ('owner_epoch', '1')
on conflict (name) do update set value = cast(cast(fact.value as bigint) + 1 as text)
returning value;

-- name: claim
-- What nobody has who lives: their process is gone, or has handed them over. All of it: a part could
-- end within a request, whose rows have one reply.
update generation set owner_epoch = :owner_epoch
where token is not null and owner_epoch <> :owner_epoch
    and owner_epoch not in (select epoch from living)
returning *;

-- name: take
-- What a moderator decided about, or somebody canceled at the desk: there it had no life.
update generation set owner_epoch = :owner_epoch
where id in (select value from json_each(:ids)) and ended_at is null
returning *;

-- name: release
update generation set
    owner_epoch = 0, message_id = coalesce(message_id, cast(:message_id as bigint))
where id in (select value from json_each(:ids))
    and owner_epoch = :owner_epoch and ended_at is null
returning id;

-- name: claimable
-- A look that costs nobody their turn to write.
select 1 from generation
where token is not null and owner_epoch <> :owner_epoch
    and owner_epoch not in (select epoch from living)
limit 1;

-- name: held
-- But for what waits for a moderator, which has no life.
select id, cancel_requested_at from generation
where token is not null and owner_epoch = :owner_epoch
    and status not in ('proposed', 'reviewing', 'appealing');

-- name: living
select count(*) as living from living;

-- name: answer
insert into interaction (id, at) values (:id, :now) on conflict do nothing
returning id;

-- name: forget
delete from interaction where at < :before;
