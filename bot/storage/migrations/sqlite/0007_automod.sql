-- The last copy of each server's AutoMod rules, so that they hold from the first request after a
-- restart: a JSON list, of each rule what is used of it, and when it was read.

create table automod (
    guild_id bigint primary key,
    read_at  bigint not null,
    rules    text   not null
);
