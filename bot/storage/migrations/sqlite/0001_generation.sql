-- One row per generation: its place in the lifecycle and its line in the ledger.
-- Times are UTC milliseconds, money is micro-dollars, ids are snowflakes.

create table generation (
    id                  text     primary key,
    interaction_id      bigint   not null,
    ordinal             bigint   not null,
    status              text     not null check (status in (
                            'queued', 'submitting', 'running', 'delivering',
                            'delivered', 'kept', 'failed', 'canceled', 'expired', 'unknown')),
    owner_epoch         bigint   not null,
    application_id      bigint   not null,
    guild_id            bigint,
    channel_id          bigint   not null,
    user_id             bigint   not null,
    message_id          bigint,
    token               text,               -- erased once the person knows how it ended
    token_expires_at    bigint   not null,
    private             smallint not null check (private in (0, 1)),
    size_limit          bigint   not null,
    locale              text     not null,
    provider            text     not null,  -- the API's origin: predictions are unique within it
    model               text     not null,
    prompt              text     not null,
    options             text     not null,  -- JSON object
    prediction_id       text,
    created_at          bigint   not null,
    not_before          bigint,             -- queued again after a 429: not before this
    submitted_at        bigint,
    cancel_requested_at bigint,
    provider_ended_at   bigint,
    ended_at            bigint,
    compute_ms          bigint,             -- the provider's own figure
    image_name          text,
    image_type          text,
    image_bytes         bigint,
    price_micros        bigint,             -- the estimate when it was reserved; null: no price known
    cost_micros         bigint,             -- what the payer's book settled at; null: not or unpriced
    quota               text     not null check (quota in ('reserved', 'settled', 'released')),
    budget              text     not null check (budget in ('reserved', 'settled', 'released')),
    error               text,               -- a stable word, never the provider's text
    unique (interaction_id, ordinal),
    unique (provider, prediction_id)
);

create index generation_by_user on generation (user_id, created_at);
create index generation_by_time on generation (created_at);
create index generation_undone on generation (id) where token is not null;
create index generation_ended_by_model on generation (model, ended_at) where status = 'delivered';

-- Small facts about this installation: the owner's epoch, the hash of the commands last synced.
create table fact (
    name  text primary key,
    value text not null
);
