-- name: improved
-- Improved prompts, as rows without images: money in the same books.
select
    user_id, guild_id, model, created_at, created_at as ended_at, 'improved' as status,
    0 as images, 0 as counted, cast(null as bigint) as compute_ms,
    case when status in ('settled', 'unknown') then 'settled' end as budget,
    case when status in ('settled', 'unknown') then price_micros end as cost_micros
from improvement

-- name: lines
-- What sums are made of.
select
    user_id, guild_id, model, created_at, ended_at, status,
    images, counted, compute_ms, budget, cost_micros
from generation
union all
select * from ({improved}) as improved

-- name: of_user
select * from ({lines}) as lines
where user_id = :user_id
    and created_at >= :since

-- name: of_member
select * from ({lines}) as lines
where user_id = :user_id and guild_id = :guild_id
    and created_at >= :since

-- name: of_guild
select * from ({lines}) as lines
where guild_id = :guild_id
    and created_at >= :since

-- name: of_all
select * from ({lines}) as lines
where created_at >= :since

-- name: sums
-- From one of the above, in images. A quarter of an hour: every time zone's days consist of them.
-- What was asked for and did not arrive has failed, also where others of the same row arrived.
select
    case :by when 'user' then user_id when 'quarter' then created_at / 900000 end as number,
    case :by when 'model' then model end                                         as name,
    coalesce(sum(counted) filter (where status in ('delivered', 'kept')), 0)   as images,
    coalesce(sum(images) filter (where status in ('failed', 'expired', 'rejected')), 0)
        + coalesce(sum(images - counted) filter (where status in ('delivered', 'kept')), 0)
                                                           as failed,
    coalesce(sum(images) filter (where status = 'canceled'), 0)                as canceled,
    coalesce(sum(images) filter (where status = 'unknown'), 0)                 as unknown,
    coalesce(sum(images) filter (where ended_at is null), 0)                   as pending,
    case when count(*) filter (where status in ('delivered', 'kept') and compute_ms is null) = 0
         then coalesce(sum(compute_ms), 0) end              as compute_ms,
    case when count(*) filter (where budget = 'settled' and cost_micros is null) = 0
         then coalesce(sum(cost_micros), 0) end             as cost_micros
from (source) as source
group by 1, 2
order by images desc, number, name;
