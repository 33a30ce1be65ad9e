-- Reports: what members say of an image that they see, and what moderators decide about it.

-- One for each image that is, or lately was, reported. Its card is the message where it is decided.
create table reported (
    interaction_id bigint   primary key,
    guild_id       bigint   not null,
    opened_at      bigint   not null,
    told           smallint not null default 0 check (told in (0, 1)),   -- the operator, by us
    channel_id     bigint,               -- the card's; null: it is not posted yet
    card_id        bigint,
    cards          bigint   not null default 0,  -- posted so far: each has a nonce of its own
    shown          bigint   not null default 0,  -- how many reports the card shows; -1: others now
    verdict        text     check (verdict in ('removed', 'dismissed', 'lapsed')),
    decided_at     bigint,
    actor          bigint,               -- who decided, by pseudonym; null: nobody
    closed         smallint not null default 0 check (closed in (0, 1))  -- the card says so
);

create table report (
    interaction_id bigint not null,
    guild_id       bigint not null,
    reporter       bigint not null,      -- by pseudonym
    at             bigint not null,
    reason         text   not null,      -- erased once it is decided
    closed_at      bigint
);

create unique index report_open on report (interaction_id, reporter) where closed_at is null;
create index report_by_reporter on report (guild_id, reporter, at);
