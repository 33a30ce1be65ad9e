-- The review desk: what waits for a moderator, the cards they decide on, and what they decided.

-- SQLite cannot change a check: a new column takes the old one's place. Whatever names the old one
-- is made again.
drop view line;
drop index generation_ended_by_model;
drop index generation_queued;
drop index generation_running_by_user;
drop index generation_running_by_guild;

alter table generation add column state text not null default 'queued' check (state in (
    'proposed', 'queued', 'submitting', 'running', 'reviewing', 'appealing', 'delivering',
    'delivered', 'kept', 'failed', 'canceled', 'rejected', 'expired', 'unknown'));
update generation set state = status;
alter table generation drop column status;
alter table generation rename column state to status;

create index generation_ended_by_model on generation (model, ended_at) where status = 'delivered';
create index generation_queued on generation (user_id) where status = 'queued';
create index generation_proposed on generation (user_id) where status = 'proposed';
create index generation_running_by_user on generation (user_id)
    where status in ('submitting', 'running');
create index generation_running_by_guild on generation (guild_id)
    where status in ('submitting', 'running');
create index generation_at_desk on generation (interaction_id)
    where status in ('proposed', 'reviewing', 'appealing');

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

-- What is decided about it, and whether the image becomes a message of its own.
alter table generation add column review text not null default 'off';
alter table generation add column publish smallint not null default 0 check (publish in (0, 1));
alter table generation add column queued_at bigint;     -- let through to be bought
alter table generation add column approved_at bigint;   -- let through to be shown
alter table generation add column published_id bigint;  -- the public message
alter table generation add column reason text;          -- the moderator's, where it was rejected

-- One for each decision about a request. Its card is the message where it is taken.
create table review (
    interaction_id bigint   not null,
    stage          text     not null check (stage in ('proposed', 'reviewing', 'appealing')),
    guild_id       bigint   not null,
    channel_id     bigint,              -- the card's; null: it is not posted yet
    card_id        bigint,
    cards          bigint   not null default 0,  -- posted so far: each has a nonce of its own
    verdict        text,
    decided_at     bigint,
    actor          bigint,              -- who decided, by pseudonym; null: nobody in time
    closed         smallint not null default 0 check (closed in (0, 1)),  -- the card says so
    primary key (interaction_id, stage)
);

create index review_open on review (guild_id) where closed = 0;
