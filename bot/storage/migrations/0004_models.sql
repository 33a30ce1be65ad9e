-- Any model: which of its inputs the prompt is, how many images one prediction is to make, and which
-- pictures it starts from (JSON; the links are erased once they are stored, or it has ended).

alter table generation add column prompt_input text not null default 'prompt';
alter table generation add column images bigint not null default 1;
alter table generation add column pictures text not null default '[]';
alter table generation add column picture_input text not null default '';
alter table generation add column picture_list smallint not null default 0
    check (picture_list in (0, 1));
