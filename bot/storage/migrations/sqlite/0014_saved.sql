-- Images that their askers keep for their server, and what /history looks through.

create table saved (
    generation_id text     not null,
    picture       bigint   not null,  -- which one of those that it made, from 0
    guild_id      bigint   not null,
    -- Where it was made was age-restricted when it was saved.
    restricted    smallint not null check (restricted in (0, 1)),
    -- A moderator took it out: whoever asked does not put it back.
    barred        smallint not null default 0 check (barred in (0, 1)),
    saved_at      bigint   not null,
    primary key (generation_id, picture)
);

create index saved_of_guild on saved (guild_id, saved_at);
create index generation_with_images on generation (user_id, created_at, interaction_id)
    where outputs is not null;
