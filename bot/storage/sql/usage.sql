-- name: of_user
select * from generation
where user_id = :user_id and created_at >= :since and created_at < :until

-- name: of_member
select * from generation
where user_id = :user_id and guild_id = :guild_id
    and created_at >= :since and created_at < :until

-- name: of_guild
select * from generation
where guild_id = :guild_id and created_at >= :since and created_at < :until

-- name: of_all
select * from generation
where created_at >= :since and created_at < :until

-- name: sums
-- From one of the above. A quarter of an hour: every time zone's days consist of them.
select
    case :by
    when 'user' then user_id
    when 'model' then model
    when 'quarter' then created_at / 900000
    end as key,
    count(*) filter (where status in ('delivered', 'kept')) as images,
    count(*) filter (where status in ('failed', 'expired')) as failed,
    count(*) filter (where status = 'canceled')             as canceled,
    count(*) filter (where status = 'unknown')              as unknown,
    count(*) filter (where ended_at is null)                as pending,
    case when count(*) filter (where status in ('delivered', 'kept') and compute_ms is null) = 0
         then coalesce(sum(compute_ms), 0) end              as compute_ms,
    case when count(*) filter (where budget = 'settled' and cost_micros is null) = 0
         then coalesce(sum(cost_micros), 0) end             as cost_micros
from (source)
group by 1
order by images desc, key;
