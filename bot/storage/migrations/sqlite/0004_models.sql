-- Any model: which of its inputs the prompt is, how many images one prediction is to make, of how
-- many predictions (rows, by their ordinals) the request consists, and all that they made.

alter table generation add column prompt_input text not null default 'prompt';
alter table generation add column images bigint not null default 1;
alter table generation add column predictions bigint not null default 1;
-- Images that the person's quota counts: those asked for, and once it has ended those that arrived.
alter table generation add column counted bigint not null default 1;
-- JSON list of {name, type, bytes}; null stands for one that was made but could not be fetched.
alter table generation add column outputs text;

update generation
set outputs = json_array(json_object('name', image_name, 'type', image_type, 'bytes', image_bytes))
where image_name is not null;

alter table generation drop column image_name;
alter table generation drop column image_type;
alter table generation drop column image_bytes;

-- Limits count images, and a row may have several: the person's book counts what arrived
-- (`counted`), the payer's what was asked for, at `price_micros` an image.
drop index generation_quota_by_user;
drop index generation_budget;
drop index generation_budget_by_guild;
drop index generation_budget_by_place;
drop index generation_filtered;
create index generation_quota_by_user
    on generation (user_id, created_at, guild_id, counted, quota) where quota <> 'released';
create index generation_budget
    on generation (created_at, price_micros, images, budget) where budget <> 'released';
create index generation_budget_by_guild
    on generation (guild_id, created_at, price_micros, images, budget) where budget <> 'released';
create index generation_budget_by_place
    on generation (place_id, created_at, price_micros, images, budget) where budget <> 'released';
-- The rows of one request that the filter refused are one refused prompt.
create index generation_filtered on generation (user_id, ended_at, error, interaction_id)
    where error = 'safety';

-- What is bought instead, should the first model be refused; and instead of which model it was.
alter table generation add column stand_in text;
alter table generation add column instead_of text;

-- Which pictures it starts from (JSON; the links are erased once they are stored, or it has ended).
alter table generation add column pictures text not null default '[]';
alter table generation add column picture_input text not null default '';
alter table generation add column picture_list smallint not null default 0
    check (picture_list in (0, 1));
