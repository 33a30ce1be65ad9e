-- All that the SQLite schema has become by its 16 migrations, and what PostgreSQL lacks for the
-- statements that both share. From here on each migration has two files, of one number.

create table schema_version (version bigint not null);
insert into schema_version (version) values (0);

-- SQLite's words. JSON is text in both.

-- Its text holds no NUL: it becomes what stands for it elsewhere, too.
create function without_nul(text) returns json
language sql immutable strict parallel safe as $$
    select (case when strpos($1, '\u0000') = 0 then $1 else
        regexp_replace($1, '(?<!\\)((\\\\)*)\\u0000', '\1\\ufffd', 'g') end)::json
$$;

create function json_each(text) returns table (key bigint, value text, type text)
language sql immutable strict parallel safe as $$
    select ordinality - 1, each #>> '{}', json_typeof(each)
    from json_array_elements(without_nul($1)) with ordinality as elements (each, ordinality)
$$;

create function json_field(text, text) returns text
language sql immutable strict parallel safe as $$
    select case found when 'true' then '1' when 'false' then '0' else found end
    from (select without_nul($1) ->> $2 as found) as field
$$;

create operator ->> (leftarg = text, rightarg = text, function = json_field);

create function json_part(text, text) returns text
language sql immutable strict parallel safe as $$ select (without_nul($1) -> $2)::text $$;

create operator -> (leftarg = text, rightarg = text, function = json_part);

create function max(bigint, bigint) returns bigint
language sql immutable parallel safe as $$
    select case when $1 is not null and $2 is not null then greatest($1, $2) end
$$;

create function min(bigint, bigint) returns bigint
language sql immutable parallel safe as $$
    select case when $1 is not null and $2 is not null then least($1, $2) end
$$;

create function json_set(text, text, text, text, bigint) returns text
language sql immutable parallel safe as $$
    select jsonb_set(
        jsonb_set(without_nul($1)::jsonb, string_to_array(substr($2, 3), '.'), to_jsonb($3)),
        string_to_array(substr($4, 3), '.'), to_jsonb($5))::text
$$;

-- What erasure puts in the place of an id: positive, and nobody's.
create function some_number() returns bigint
language sql volatile parallel safe as $$
    select hashtextextended(gen_random_uuid()::text, 0) & 4611686018427387903 | 1
$$;

create table generation (
    id                  text     not null,
    interaction_id      bigint   not null,
    ordinal             bigint   not null,
    owner_epoch         bigint   not null,
    application_id      bigint   not null,
    guild_id            bigint,
    channel_id          bigint   not null,
    user_id             bigint   not null,
    message_id          bigint,
    token               text,
    token_expires_at    bigint   not null,
    private             smallint not null check (private in (0, 1)),
    size_limit          bigint   not null,
    locale              text     not null,
    provider            text     not null,
    model               text     not null,
    prompt              text     not null,
    options             text     not null,
    prediction_id       text,
    created_at          bigint   not null,
    not_before          bigint,
    submitted_at        bigint,
    cancel_requested_at bigint,
    provider_ended_at   bigint,
    ended_at            bigint,
    compute_ms          bigint,
    price_micros        bigint,
    cost_micros         bigint,
    quota               text     not null check (quota in ('reserved', 'settled', 'released')),
    budget              text     not null check (budget in ('reserved', 'settled', 'released')),
    error               text,
    duration_ms         bigint,
    place_id            bigint,
    prompt_input        text     not null default 'prompt',
    images              bigint   not null default 1,
    predictions         bigint   not null default 1,
    counted             bigint   not null default 1,
    outputs             text,
    stand_in            text,
    instead_of          text,
    pictures            text     not null default '[]',
    picture_input       text     not null default '',
    picture_list        smallint not null default 0 check (picture_list in (0, 1)),
    spoiler             smallint not null default 0 check (spoiler in (0, 1)),
    direct              smallint not null default 1 check (direct in (0, 1)),
    mention             smallint not null default 1 check (mention in (0, 1)),
    status              text     not null default 'queued' check (status in (
         'proposed', 'queued', 'submitting', 'running', 'reviewing', 'appealing', 'delivering',
        'delivered', 'kept', 'failed', 'canceled', 'rejected', 'expired', 'unknown')),
    review              text     not null default 'off',
    publish             smallint not null default 0 check (publish in (0, 1)),
    queued_at           bigint,
    approved_at         bigint,
    published_id        bigint,
    reason              text,
    appeal              text,
    appealed_at         bigint,
    sealed_until        bigint,
    removed_by          text check (removed_by in ('requester', 'moderator', 'operator')),
    origin              text,
    origin_key          text,
    style               text,
    guild_locale        text     not null default '',
    notify              smallint not null default 0 check (notify in (0, 1)),
    guest               smallint not null default 0 check (guest in (0, 1)),
    primary key (id),
    unique (interaction_id, ordinal),
    unique (provider, prediction_id)
);

create table fact (
    name  text     not null,
    value text     not null,
    primary key (name)
);

create table guild (
    id      bigint   not null,
    version bigint   not null,
    primary key (id)
);

create table setting (
    guild_id bigint   not null,
    holder   text     not null check (holder in (
        'guild', 'everyone', 'role', 'member', 'channel')),
    subject  bigint   not null,
    name     text     not null,
    value    text     not null,
    primary key (guild_id, holder, subject, name)
);

create table alias (
    pseudonym bigint   not null,
    user_id   bigint   not null,
    primary key (pseudonym)
);

create table alert (
    scope   text     not null,
    subject bigint   not null,
    unit    text     not null,
    period  text     not null,
    since   bigint   not null,
    most    bigint   not null,
    percent bigint   not null,
    primary key (scope, subject, unit, period, since, most, percent)
);

create table person (
    id       bigint   not null,
    unlisted smallint not null default 0 check (unlisted in (0, 1)),
    primary key (id)
);

create table erasure (
    user_id  bigint   not null,
    asked_at bigint   not null,
    primary key (user_id)
);

create table audit_head (
    guild_id    bigint   not null,
    begun_after bigint   not null default 0,
    number      bigint   not null,
    hash        text,
    posted      bigint   not null default 0,
    posted_at   bigint   not null default 0,
    primary key (guild_id)
);

create table audit (
    guild_id     bigint   not null,
    number       bigint   not null,
    at           bigint   not null,
    action       text     not null,
    actor        bigint,
    actor_salt   text,
    actor_mark   text,
    subject      bigint,
    subject_salt text,
    subject_mark text,
    reason       text,
    reason_salt  text,
    reason_mark  text,
    details      text     not null,
    hash         text,
    primary key (guild_id, number)
);

create table block (
    guild_id bigint   not null,
    subject  bigint   not null,
    at       bigint   not null,
    until    bigint,
    actor    bigint,
    reason   text     not null,
    primary key (guild_id, subject)
);

create table word_rule (
    guild_id bigint   not null,
    kind     text     not null check (kind in ('word', 'phrase', 'pattern', 'allow')),
    text     text     not null,
    reason   text     not null,
    primary key (guild_id, kind, text)
);

create table word_refusal (
    guild_id bigint   not null,
    day      bigint   not null,
    refusals bigint   not null,
    primary key (guild_id, day)
);

create table automod (
    guild_id bigint   not null,
    read_at  bigint   not null,
    rules    text     not null,
    primary key (guild_id)
);

create table review (
    interaction_id bigint   not null,
    stage          text     not null check (stage in ('proposed', 'reviewing', 'appealing')),
    guild_id       bigint   not null,
    channel_id     bigint,
    card_id        bigint,
    cards          bigint   not null default 0,
    verdict        text,
    decided_at     bigint,
    actor          bigint,
    closed         smallint not null default 0 check (closed in (0, 1)),
    primary key (interaction_id, stage)
);

create table removal (
    interaction_id bigint   not null,
    guild_id       bigint,
    channel_id     bigint   not null,
    user_id        bigint   not null,
    direct         smallint not null check (direct in (0, 1)),
    tell           smallint not null check (tell in (0, 1)),
    message_id     bigint,
    published_id   bigint,
    primary key (interaction_id)
);

create table reported (
    interaction_id bigint   not null,
    guild_id       bigint   not null,
    opened_at      bigint   not null,
    told           smallint not null default 0 check (told in (0, 1)),
    channel_id     bigint,
    card_id        bigint,
    cards          bigint   not null default 0,
    shown          bigint   not null default 0,
    verdict        text check (verdict in ('removed', 'dismissed', 'lapsed')),
    decided_at     bigint,
    actor          bigint,
    closed         smallint not null default 0 check (closed in (0, 1)),
    primary key (interaction_id)
);

create table report (
    interaction_id bigint   not null,
    guild_id       bigint   not null,
    reporter       bigint   not null,
    at             bigint   not null,
    reason         text     not null,
    closed_at      bigint
);

create table refused_hash (
    sha256 text     not null,
    at     bigint   not null,
    primary key (sha256)
);

create table delivered_hash (
    sha256        text     not null,
    generation_id text     not null,
    primary key (sha256, generation_id)
);

create table saved (
    generation_id text     not null,
    picture       bigint   not null,
    guild_id      bigint   not null,
    restricted    smallint not null check (restricted in (0, 1)),
    barred        smallint not null default 0 check (barred in (0, 1)),
    saved_at      bigint   not null,
    primary key (generation_id, picture)
);

create table preference (
    user_id bigint   not null,
    name    text     not null,
    value   text     not null,
    primary key (user_id, name)
);

create table style (
    guild_id bigint   not null,
    key      text     not null,
    name     text     not null,
    prefix   text     not null,
    suffix   text     not null,
    primary key (guild_id, key)
);

create table improvement (
    id            bigint   not null,
    user_id       bigint   not null,
    guild_id      bigint,
    place_id      bigint   not null,
    model         text     not null,
    status        text     not null check (status in (
         'reserved', 'submitting', 'settled', 'released', 'unknown')),
    prediction_id text,
    price_micros  bigint,
    created_at    bigint   not null,
    ended_at      bigint,
    primary key (id)
);

create index audit_by_actor on audit (actor);
create index audit_by_subject on audit (subject);
create index audit_reasons on audit (at) where reason is not null;
create index delivered_hash_of on delivered_hash (generation_id);
create index generation_by_user on generation (user_id, created_at);
create index generation_by_time on generation (created_at);
create index generation_undone on generation (id) where token is not null;
create index generation_served_by_guild on generation (guild_id, submitted_at);
create index generation_served_by_user on generation (user_id, submitted_at);
create index generation_by_guild on generation (guild_id, created_at);
create index generation_quota_by_user
    on generation (user_id, created_at, guild_id, counted, quota) where quota <> 'released';
create index generation_budget
    on generation (created_at, price_micros, images, budget) where budget <> 'released';
create index generation_budget_by_guild
    on generation (guild_id, created_at, price_micros, images, budget) where budget <> 'released';
create index generation_budget_by_place
    on generation (place_id, created_at, price_micros, images, budget) where budget <> 'released';
create index generation_filtered on generation (user_id, ended_at, error, interaction_id)
    where error = 'safety';
create index generation_files on generation (guild_id, ended_at)
    where outputs is not null or pictures <> '[]';
create index generation_ended_by_model on generation (model, ended_at) where status = 'delivered';
create index generation_queued on generation (user_id) where status = 'queued';
create index generation_proposed on generation (user_id) where status = 'proposed';
create index generation_running_by_user on generation (user_id)
    where status in ('submitting', 'running');
create index generation_running_by_guild on generation (guild_id)
    where status in ('submitting', 'running');
create index generation_at_desk on generation (interaction_id)
    where status in ('proposed', 'reviewing', 'appealing');
create index generation_sealed on generation (sealed_until) where sealed_until is not null;
create index generation_pressed on generation (user_id, origin_key, created_at)
    where origin_key is not null;
create index generation_with_images on generation (user_id, created_at, interaction_id)
    where outputs is not null;
create index improvement_by_user on improvement (user_id, created_at);
create index improvement_cost on improvement (created_at, price_micros)
    where status <> 'released';
create index improvement_cost_by_guild on improvement (guild_id, created_at, price_micros)
    where status <> 'released';
create index improvement_cost_by_place on improvement (place_id, created_at, price_micros)
    where status <> 'released';
create index improvement_unended on improvement (id) where ended_at is null;
create unique index report_open on report (interaction_id, reporter) where closed_at is null;
create index report_by_reporter on report (guild_id, reporter, at);
create index review_open on review (guild_id) where closed = 0;
create index saved_of_guild on saved (guild_id, saved_at);

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
