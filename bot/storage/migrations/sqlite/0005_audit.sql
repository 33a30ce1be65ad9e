-- The record: one chain a server of what was decided and changed there; and who is blocked.

-- Each server's chain ends here; 0 is the installation's own. It begins after the entry
-- `begun_after`: what stood there before the chain did is kept, and proves nothing.
create table audit_head (
    guild_id    bigint primary key,
    begun_after bigint not null default 0,
    number      bigint not null,
    hash        text,                        -- null: nothing follows them yet
    posted      bigint not null default 0,   -- the last entry whose hash was posted, and when
    posted_at   bigint not null default 0
);

alter table audit rename to setting_change;

-- By pseudonym. Of what is personal the chain covers a mark: the hash of a salt and the value, which
-- stays when both are erased.
create table audit (
    guild_id     bigint not null,
    number       bigint not null,
    at           bigint not null,
    action       text   not null,
    actor        bigint,   -- 0: the operator, or the bot itself
    actor_salt   text,
    actor_mark   text,
    subject      bigint,   -- whom it is about
    subject_salt text,
    subject_mark text,
    reason       text,
    reason_salt  text,
    reason_mark  text,
    details      text   not null,   -- JSON object of texts, nothing personal
    hash         text,              -- null: from before the chain
    primary key (guild_id, number)
);
create index audit_by_actor on audit (actor);
create index audit_by_subject on audit (subject);
create index audit_reasons on audit (at) where reason is not null;

insert into audit (guild_id, number, at, action, actor, subject, details)
select
    guild_id, number, at, 'setting', actor, case when holder = 'member' then subject end,
    json_object(
        'holder', holder, 'id', cast(case when holder = 'member' then 0 else subject end as text),
        'name', name, 'before', before, 'after', after)
from setting_change;

insert into audit_head (guild_id, begun_after, number, posted)
select guild_id, max(number), max(number), max(number) from setting_change group by guild_id;

drop table setting_change;

-- Who may not ask for images, in which server (0: in none), until when (null: until it is ended).
create table block (
    guild_id bigint not null,
    subject  bigint not null,   -- the person's pseudonym
    at       bigint not null,
    until    bigint,
    actor    bigint,            -- who wrote the reason, until that person is erased
    reason   text   not null,
    primary key (guild_id, subject)
);
