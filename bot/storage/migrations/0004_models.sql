-- Any model: which of its inputs the prompt is, and how many images one prediction is to make.

alter table generation add column prompt_input text not null default 'prompt';
alter table generation add column images bigint not null default 1;
