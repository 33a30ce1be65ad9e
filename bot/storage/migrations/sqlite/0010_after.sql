-- After the fact: appeals against a rejection, images that are sealed, and messages that go.

alter table generation add column appeal text;           -- what whoever asked wrote against it
alter table generation add column appealed_at bigint;
-- Until then nobody may see the images, then they are deleted; null: they are not sealed.
alter table generation add column sealed_until bigint;
alter table generation add column removed_by text
    check (removed_by in ('requester', 'moderator', 'operator'));

-- What was not approved, until now a rule of the query that looked for it.
update generation set sealed_until = ended_at + 604800000
where review in ('image', 'both') and approved_at is null
    and outputs is not null and ended_at is not null;

create index generation_sealed on generation (sealed_until) where sealed_until is not null;

-- Requests whose messages are to be deleted, until they are. All that it takes, since the request
-- itself may be erased meanwhile.
create table removal (
    interaction_id bigint primary key,
    guild_id       bigint,
    channel_id     bigint not null,
    user_id        bigint not null,
    direct         smallint not null check (direct in (0, 1)),  -- it may have gone to them alone
    tell           smallint not null check (tell in (0, 1)),    -- whoever asked is to be told
    message_id     bigint,           -- the public reply; null: it was private
    published_id   bigint            -- the message that followed a moderator's approval
);
