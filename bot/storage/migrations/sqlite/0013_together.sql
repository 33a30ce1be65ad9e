-- Creating together: what an image comes from, the server's style, whose languages the answers have.

alter table generation add column origin text;      -- JSON: the earlier image, and by which button
alter table generation add column origin_key text;  -- by which a second press of it is known
alter table generation add column style text;       -- JSON: the server's words around the prompt
alter table generation add column guild_locale text not null default '';
alter table generation add column notify smallint not null default 0 check (notify in (0, 1));
-- The bot is no member of where it was asked: only the interaction's token works.
alter table generation add column guest smallint not null default 0 check (guest in (0, 1));

create index generation_pressed on generation (user_id, origin_key, created_at)
    where origin_key is not null;
