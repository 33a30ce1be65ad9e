-- Whose turn it is, asked of the rows themselves; and how long predictions really took.

-- From creation to completion, by the provider's own account where it gives one.
alter table generation add column duration_ms bigint;

create index generation_queued on generation (user_id) where status = 'queued';
create index generation_running_by_user on generation (user_id)
    where status in ('submitting', 'running');
create index generation_running_by_guild on generation (guild_id)
    where status in ('submitting', 'running');
create index generation_served_by_guild on generation (guild_id, submitted_at);
create index generation_served_by_user on generation (user_id, submitted_at);

-- Everybody who waits, with what puts them in order: first whose server would have fewest images
-- running, then whose server had its last turn longest ago; within a server the same by person.
create view line as
with asked as (
    select
        id, created_at, not_before, guild_id,
        row_number() over (partition by user_id order by created_at, id)
            + (select count(*) from generation as running
               where running.user_id = queued.user_id
                   and running.status in ('submitting', 'running'))  as user_turn,
        coalesce((select max(past.submitted_at) from generation as past
                  where past.user_id = queued.user_id), 0)           as user_served_at,
        coalesce((select max(past.submitted_at) from generation as past
                  where past.guild_id = queued.guild_id), 0)         as guild_served_at
    from generation as queued
    where status = 'queued' and cancel_requested_at is null
)
select
    id, created_at, not_before, user_turn, guild_served_at,
    row_number() over (partition by guild_id order by user_turn, user_served_at, created_at, id)
        + (select count(*) from generation as running
           where running.guild_id = asked.guild_id
               and running.status in ('submitting', 'running'))      as guild_turn
from asked;
