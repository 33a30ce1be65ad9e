-- name: up_to
-- A person's rows with images they were given, or are given just now: an image is seen a moment
-- before that is on record. From one request on to older ones.
select id, created_at, interaction_id, ordinal, model, prompt, outputs from generation
where user_id = :user_id and outputs is not null and status in ('delivering', 'delivered', 'kept')
    and sealed_until is null and removed_by is null
    and created_at >= :since and created_at < :until
    and (created_at, interaction_id) <= (:at, :interaction_id)
order by created_at desc, interaction_id desc limit :limit;

-- name: after
-- The same, to newer ones.
select id, created_at, interaction_id, ordinal, model, prompt, outputs from generation
where user_id = :user_id and outputs is not null and status in ('delivering', 'delivered', 'kept')
    and sealed_until is null and removed_by is null
    and created_at >= :since and created_at < :until
    and (created_at, interaction_id) > (:at, :interaction_id)
order by created_at, interaction_id limit :limit;
