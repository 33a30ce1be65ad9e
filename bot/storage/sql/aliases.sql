-- name: key
select value from fact where name = 'pseudonym_key';

-- name: make_key
insert into fact (name, value) values ('pseudonym_key', :key)
on conflict do nothing;

-- name: remember
insert into alias (pseudonym, user_id) values (:pseudonym, :user_id)
on conflict do nothing;

-- name: people
select pseudonym, user_id from alias
where pseudonym in (select cast(value as bigint) from json_each(:pseudonyms));
