-- Limits of servers, channels, roles and members; who set them; what people may ask to be erased.

-- The channel whose settings apply: a thread's parent, else the channel itself.
alter table generation add column place_id bigint;
update generation set place_id = channel_id;

-- What limits count. Only what counts is in them, with all that a sum needs: SQLite looks into the
-- row even for the column that the condition is about, unless the index has it.
create index generation_quota_by_user on generation (user_id, created_at, guild_id, quota)
    where quota <> 'released';
create index generation_budget on generation (created_at, price_micros, budget)
    where budget <> 'released';
create index generation_budget_by_guild on generation (guild_id, created_at, price_micros, budget)
    where budget <> 'released';
create index generation_budget_by_place on generation (place_id, created_at, price_micros, budget)
    where budget <> 'released';
create index generation_filtered on generation (user_id, ended_at, error)
    where error = 'safety';
create index generation_by_guild on generation (guild_id, created_at);

-- A server that its managers have set something for; a reservation names the version it was
-- screened with.
create table guild (
    id      bigint primary key,
    version bigint not null
);

create table setting (
    guild_id bigint not null,
    holder   text   not null check (holder in ('guild', 'everyone', 'role', 'member', 'channel')),
    subject  bigint not null,   -- the role's or channel's id, the member's pseudonym, else 0
    name     text   not null,
    value    text   not null,
    primary key (guild_id, holder, subject, name)
);

-- Who changed what, by pseudonym. Null: was, or is, not set.
create table audit (
    guild_id bigint not null,
    number   bigint not null,
    at       bigint not null,
    actor    bigint not null,
    holder   text   not null,
    subject  bigint not null,
    name     text   not null,
    before   text,
    after    text,
    primary key (guild_id, number)
);

-- The only way from a pseudonym back to a person; erased with the rest.
create table alias (
    pseudonym bigint primary key,
    user_id   bigint not null
);

-- Budgets of which it was told that they are half, nearly or wholly spent; once each.
create table alert (
    scope    text   not null,
    subject  bigint not null,
    unit     text   not null,
    period   text   not null,
    since    bigint not null,
    most     bigint not null,
    percent  bigint not null,
    primary key (scope, subject, unit, period, since, most, percent)
);

create table person (
    id       bigint   primary key,
    unlisted smallint not null default 0 check (unlisted in (0, 1))
);

-- Whose data is to be erased, as far as it was there at this time; until nothing of it is left.
create table erasure (
    user_id  bigint primary key,
    asked_at bigint not null
);
