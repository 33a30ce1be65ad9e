-- name: reserve
-- As images are reserved: nothing can come between the count and the insert. Only money counts, at
-- the estimate; a limit of money without an estimate has no room.
insert into improvement (
    id, user_id, guild_id, place_id, model, status, price_micros, created_at)
select
    :interaction_id, :user_id, cast(:guild_id as bigint), :place_id, :model, 'reserved',
    cast(:cost as bigint), :created_at
where
    :policy_version = coalesce((select version from guild where id = :guild_id), 0)
    and not exists (select 1 from fact where name = 'paused')
    and not exists ({blocked})
    and not exists (select 1 from ({spent}) as spent where (used + :cost <= most) is not true)
    and :most > (
        select count(*) from improvement
        where user_id in (:user_id, :pseudonym) and created_at > :created_at - :window
            and status <> 'released')
on conflict do nothing
returning id;

-- name: hindrances
-- All but the limits of money that may have kept it from being reserved; `free_at`: when the n-th
-- last one leaves the person's window.
select
    (select count(*) from improvement where id = :interaction_id) as made,
    (select count(*) from fact where name = 'paused') as paused,
    case when exists ({blocked}) then -1  -- since it was screened: screen again
    else coalesce((select version from guild where id = :guild_id), 0) end as policy_version,
    (select created_at + :window from improvement
        where user_id in (:user_id, :pseudonym) and created_at > :created_at - :window
            and status <> 'released'
        order by created_at desc limit 1 offset :most - 1) as free_at;

-- name: submit
-- The intent, recorded before anything is sent.
update improvement set status = 'submitting'
where id = :id and status = 'reserved'
returning id;

-- name: attach
update improvement set prediction_id = :prediction_id
where id = :id and status = 'submitting'
returning id;

-- name: finish
update improvement set status = :status, ended_at = :now
where id = :id and ended_at is null
returning id;

-- name: abandon
-- Left by an earlier process, or by trouble: what was never sent costs nothing, all else may have
-- been bought.
update improvement set
    status = case status when 'reserved' then 'released' else 'unknown' end, ended_at = :now
where ended_at is null and created_at <= :until
returning id;
