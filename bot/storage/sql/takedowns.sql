-- name: refuses
select 1 from refused_hash where sha256 = :sha256;

-- name: refuse
insert into refused_hash (sha256, at)
select value, :now from json_each(:hashes) where true
on conflict do nothing;

-- name: allow
delete from refused_hash where sha256 = :sha256
returning sha256;

-- name: refused
select sha256, at from refused_hash order by at, sha256;

-- name: delivered
insert into delivered_hash (sha256, generation_id) values (:sha256, :id)
on conflict do nothing;

-- name: variants
select generation_id, sha256 from delivered_hash
where generation_id in (select value from json_each(:ids))
order by generation_id, sha256;

-- name: numbered
-- By its interaction, or by a message that shows it or asks a moderator about it.
select interaction_id from generation
where :number in (interaction_id, message_id, published_id)
union
select generation.interaction_id from review join generation using (interaction_id)
where card_id = :number
union
select generation.interaction_id from reported join generation using (interaction_id)
where card_id = :number;

-- name: showing
-- Requests of which one of these is an image, as it is stored or as it was sent.
select interaction_id from generation, json_each(outputs) as made
where made.value ->> 'sha256' in (select value from json_each(:hashes))
union
select interaction_id from generation join delivered_hash on generation_id = id
where sha256 in (select value from json_each(:hashes));

-- name: started_from
-- With one of these among the pictures that were attached.
select * from generation where exists (
    select 1 from json_each(pictures) as attached
    where attached.value ->> 'sha256' in (select value from json_each(:hashes)))
order by created_at, id;

-- name: rows
select * from generation
where interaction_id in (select cast(value as bigint) from json_each(:interactions))
order by created_at, interaction_id, ordinal;
