-- Any model: which of its inputs the prompt is, and how many images one prediction is to make.

alter table generation add column prompt_input text not null default 'prompt';
alter table generation add column images bigint not null default 1;

-- What is bought instead, should the first model be refused; and instead of which model it was.
alter table generation add column stand_in text;
alter table generation add column instead_of text;
