-- name: of_person
select name, value from preference where user_id = :user_id;

-- name: set
insert into preference (user_id, name, value) values (:user_id, :name, :value)
on conflict (user_id, name) do update set value = excluded.value;

-- name: unset
delete from preference where user_id = :user_id and name = :name;
