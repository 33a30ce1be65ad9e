-- Prompts that a text model improved: what each cost, and whom it counts for. No words are kept.

create table improvement (
    id            bigint primary key,   -- the interaction that asked
    user_id       bigint not null,
    guild_id      bigint,
    place_id      bigint not null,
    model         text   not null,
    status        text   not null check (status in (
                      'reserved', 'submitting', 'settled', 'released', 'unknown')),
    prediction_id text,
    price_micros  bigint,               -- the estimate; what was bought settles at it
    created_at    bigint not null,
    ended_at      bigint
);

create index improvement_by_user on improvement (user_id, created_at);
-- What limits count, with all that a sum needs.
create index improvement_cost on improvement (created_at, price_micros)
    where status <> 'released';
create index improvement_cost_by_guild on improvement (guild_id, created_at, price_micros)
    where status <> 'released';
create index improvement_cost_by_place on improvement (place_id, created_at, price_micros)
    where status <> 'released';
create index improvement_unended on improvement (id) where ended_at is null;
