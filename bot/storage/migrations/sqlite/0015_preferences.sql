-- What people prefer where they choose nothing, each line one wish; and servers' styles.

create table preference (
    user_id bigint not null,
    name    text   not null,
    value   text   not null,
    primary key (user_id, name)
) without rowid;

create table style (
    guild_id bigint not null,
    key      text   not null,  -- its name, however it is typed
    name     text   not null,
    prefix   text   not null,
    suffix   text   not null,
    primary key (guild_id, key)
) without rowid;
