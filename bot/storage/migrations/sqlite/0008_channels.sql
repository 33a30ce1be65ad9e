-- What a channel's settings have decided of a reply, so that a restart decides the same.
alter table generation add column spoiler smallint not null default 0 check (spoiler in (0, 1));
alter table generation add column direct smallint not null default 1 check (direct in (0, 1));
alter table generation add column mention smallint not null default 1 check (mention in (0, 1));

-- Servers that made images, or set anything, before new servers were asked how: they go on as they
-- were.
insert into guild (id, version)
select distinct guild_id, 1 from generation where guild_id is not null and guild_id <> 0
on conflict (id) do nothing;
insert into setting (guild_id, holder, subject, name, value)
select id, 'guild', 0, 'mode', 'open' from guild where true
on conflict do nothing;

-- Files that go with a server's rows, by the time they ended: some channels keep them shorter.
create index generation_files on generation (guild_id, ended_at)
    where outputs is not null or pictures <> '[]';
