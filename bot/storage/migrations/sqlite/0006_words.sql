-- What servers refuse by its words, and how often they did. Nothing here is about a person.

create table word_rule (
    guild_id bigint not null,
    kind     text   not null check (kind in ('word', 'phrase', 'pattern', 'allow')),
    text     text   not null,
    reason   text   not null,   -- empty: none was given
    primary key (guild_id, kind, text)
);

create table word_refusal (
    guild_id bigint not null,
    day      bigint not null,   -- since 1970, in UTC
    refusals bigint not null,
    primary key (guild_id, day)
);
