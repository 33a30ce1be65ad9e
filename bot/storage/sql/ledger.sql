-- name: spent
-- What counts against each of these limits. One range of an index each, and never longer than the
-- limit; a query for each unit, so that JSON is not read once a row. Improved prompts cost, too.
select
    limits.key as number,
    cast(limits.value ->> 'most' as bigint) as most,
    case limits.value ->> 'unit'
    when 'micros' then cast(:price_micros as bigint) * :images
    when 'refusals' then 1
    else :images end as need,
    case (limits.value ->> 'scope') || ' ' || (limits.value ->> 'unit')
    when 'user images' then (
        select coalesce(sum(counted), 0) from generation
        where user_id in (:user_id, :pseudonym) and created_at >= cast(limits.value ->> 'since' as bigint)
            and quota <> 'released')
    when 'member images' then (
        select coalesce(sum(counted), 0) from generation
        where user_id in (:user_id, :pseudonym) and created_at >= cast(limits.value ->> 'since' as bigint)
            and +guild_id = :guild_id and quota <> 'released')  -- by the person's index
    when 'filter refusals' then (
        select count(distinct interaction_id) from generation
        where user_id in (:user_id, :pseudonym) and ended_at > cast(limits.value ->> 'since' as bigint)
            and error = 'safety')
    when 'channel images' then (
        select coalesce(sum(images), 0) from generation
        where place_id = :place_id and created_at >= cast(limits.value ->> 'since' as bigint)
            and budget <> 'released')
    when 'channel micros' then (
        select coalesce(sum(coalesce(price_micros, :price_micros, 0) * images), 0) from generation
        where place_id = :place_id and created_at >= cast(limits.value ->> 'since' as bigint)
            and budget <> 'released')
        + (select coalesce(sum(price_micros), 0) from improvement
            where place_id = :place_id and created_at >= cast(limits.value ->> 'since' as bigint)
                and status <> 'released')
    when 'guild images' then (
        select coalesce(sum(images), 0) from generation
        where guild_id = :guild_id and created_at >= cast(limits.value ->> 'since' as bigint)
            and budget <> 'released')
    when 'guild micros' then (
        select coalesce(sum(coalesce(price_micros, :price_micros, 0) * images), 0) from generation
        where guild_id = :guild_id and created_at >= cast(limits.value ->> 'since' as bigint)
            and budget <> 'released')
        + (select coalesce(sum(price_micros), 0) from improvement
            where guild_id = :guild_id and created_at >= cast(limits.value ->> 'since' as bigint)
                and status <> 'released')
    when 'installation images' then (
        select coalesce(sum(images), 0) from generation
        where created_at >= cast(limits.value ->> 'since' as bigint) and budget <> 'released')
    when 'installation micros' then (
        select coalesce(sum(coalesce(price_micros, :price_micros, 0) * images), 0) from generation
        where created_at >= cast(limits.value ->> 'since' as bigint) and budget <> 'released')
        + (select coalesce(sum(price_micros), 0) from improvement
            where created_at >= cast(limits.value ->> 'since' as bigint)
                and status <> 'released')
    end as used
from json_each(:limits) as limits

-- name: blocked
-- By this server or everywhere.
select 1 from block
where guild_id in (0, :guild_id) and subject = :pseudonym
    and coalesce(until, :created_at + 1) > :created_at

-- name: pressed_before
-- Two clicks are two interactions: the same button on the same message within three seconds.
select 1 from generation
where user_id = :user_id and origin_key = :origin_key and interaction_id <> :interaction_id
    and created_at > :created_at - 3000

-- name: reserve
-- Both books and all rows of the request in one statement: all or none, and nothing can come
-- between the count and the insert. A place in line is a prediction's, however many images it makes.
insert into generation (
    id, interaction_id, ordinal, status, owner_epoch, application_id, guild_id, channel_id,
    place_id, user_id, token, token_expires_at, private, size_limit, locale, provider, model,
    prompt, prompt_input, options, images, predictions, counted, stand_in, pictures, picture_input,
    picture_list, review, publish, spoiler, direct, mention, notify, guest, guild_locale, style,
    origin, origin_key, created_at, price_micros, quota, budget)
select
    :interaction_id || '-' || ordinals.key, :interaction_id, ordinals.key,
    case when :review in ('prompt', 'both') then 'proposed' else 'queued' end,
    :owner_epoch, :application_id,
    cast(:guild_id as bigint), :channel_id, :place_id, :user_id,
    :token, :token_expires_at, :private, :size_limit, :locale, :provider, :model,
    :prompt, :prompt_input, ordinals.value, :row_images, :predictions, :row_images,
    cast(:stand_in as text), :pictures, :picture_input, :picture_list, :review, :publish,
    :spoiler, :direct, :mention, :notify, :guest, :guild_locale, cast(:style as text),
    cast(:origin as text), cast(:origin_key as text), :created_at, cast(:price_micros as bigint), 'reserved', 'reserved'
from json_each(:options_of) as ordinals
where
    :policy_version = coalesce((select version from guild where id = :guild_id), 0)
    and not exists (select 1 from fact where name = 'paused')
    and not exists ({blocked})
    and not exists ({pressed_before})
    and not exists (select 1 from ({spent}) as spent where (used + need <= most) is not true)
    and :user_waiting >= :predictions
        + (select count(*) from generation where status = 'queued' and user_id = :user_id)
        + (select count(*) from generation where status = 'proposed' and user_id = :user_id)
    and :waiting >= :predictions + (select count(*) from generation where status = 'queued')
on conflict do nothing
returning *;

-- name: hindrances
-- All but the limits that may have kept a reservation from being made.
select
    (select count(*) from generation where interaction_id = :interaction_id) as made,
    (select count(*) from fact where name = 'paused') as paused,
    exists ({pressed_before}) as pressed_before,
    case when exists ({blocked}) then -1  -- since it was screened: screen again
    else coalesce((select version from guild where id = :guild_id), 0) end as policy_version,
    (select count(*) from generation where status = 'queued' and user_id = :user_id)
        + (select count(*) from generation where status = 'proposed' and user_id = :user_id)
        as user_waiting,
    (select count(*) from generation where status = 'queued') as waiting;

-- name: refused_before
-- When the provider's filter refused this person's n-th last prompt.
select max(ended_at) as ended_at from generation
where user_id in (:user_id, :pseudonym) and error = 'safety'
group by interaction_id
order by 1 desc limit 1 offset :n - 1;

-- name: by_id
select * from generation where id = :id;

-- name: request
-- All rows of the request that this one belongs to.
select * from generation
where interaction_id = (select interaction_id from generation where id = :id)
order by ordinal;

-- name: acknowledged
update generation set message_id = :message_id
where id = :id and owner_epoch = :owner_epoch and ended_at is null
returning *;

-- name: pictured
update generation set
    pictures = :pictures, message_id = coalesce(message_id, cast(:message_id as bigint))
where id = :id and owner_epoch = :owner_epoch and status in ('queued', 'proposed')
returning *;

-- name: dispatch
-- The intents, recorded before anything is sent: of those who wait in this process, as many as
-- there are creates and free places, in the order of the line.
update generation set status = 'submitting', submitted_at = :now, not_before = null
where status = 'queued' and owner_epoch = :owner_epoch and id in (
    select id from line
    where user_turn <= :user_running and coalesce(not_before, 0) <= :now
        and id in (select value from json_each(:waiting))
        and not exists (select 1 from fact where name = 'paused')
        and id not in (
            select held.id from generation as held join setting using (guild_id)
            where held.status = 'queued' and setting.name = 'paused')
    order by guild_turn, guild_served_at, created_at, id
    limit max(0, min(:creates, :running - (
        select count(*) from generation where status in ('submitting', 'running')))))
returning *;

-- name: line
-- And whom another process has canceled: they have left it, their owner learns it here.
select
    line.id, user_turn,
    row_number() over (
        order by guild_turn, guild_served_at, line.created_at, line.id)       as position,
    case when exists (select 1 from fact where name = 'paused') or exists (
        select 1 from setting
        where setting.guild_id = generation.guild_id and name = 'paused') then 1 else 0 end
                                                                              as paused,
    0                                                                         as canceled
from line join generation on generation.id = line.id
union all
select id, 0, 0, 0, 1 from generation
where status = 'queued' and cancel_requested_at is not null;

-- name: requeue
update generation set
    status = 'queued', submitted_at = null, not_before = :not_before,
    message_id = coalesce(message_id, cast(:message_id as bigint))
where id = :id and owner_epoch = :owner_epoch and status = 'submitting'
returning *;

-- name: stand_in
-- From submitting to queued: the first model was definitely refused, another one is bought.
update generation set
    status = 'queued', submitted_at = null, instead_of = model,
    model = stand_in ->> 'model', prompt_input = stand_in ->> 'prompt_input',
    picture_input = stand_in ->> 'picture_input', picture_list = cast(stand_in ->> 'picture_list' as smallint),
    options = stand_in -> 'options', price_micros = cast(stand_in ->> 'price_micros' as bigint), stand_in = null,
    message_id = coalesce(message_id, cast(:message_id as bigint))
where id = :id and owner_epoch = :owner_epoch and status = 'submitting' and stand_in is not null
returning *;

-- name: attach
-- By whoever bought it, also where another process has it by now: nobody else knows the id. The
-- reply's id goes along: an update of its own would be one more for every image.
update generation set
    status = 'running', prediction_id = :prediction_id,
    message_id = coalesce(message_id, cast(:message_id as bigint))
where id = :id and status = 'submitting' and submitted_at = :submitted_at
returning *;

-- name: adopt
-- A create that was never answered, found in the provider's list: attached unless another row has
-- it, or a twin's create is still under way and may be answered with it.
update generation set
    status = 'running', prediction_id = :prediction_id,
    message_id = coalesce(message_id, cast(:message_id as bigint))
where id = :id and owner_epoch = :owner_epoch and status = 'submitting'
    and not exists (
        select 1 from generation as other
        where other.provider = generation.provider and other.prediction_id = :prediction_id)
    and not exists (
        select 1 from generation as twin
        where twin.status = 'submitting' and twin.id <> generation.id
            and twin.model = generation.model and twin.prompt = generation.prompt
            and twin.options = generation.options and twin.submitted_at > :answered_before)
returning *;

-- name: rivals
-- Of one interaction they all start from the same pictures: either may be given to either.
select rival.submitted_at from generation as own join generation as rival
    on rival.interaction_id <> own.interaction_id and rival.model = own.model
    and rival.prompt = own.prompt and rival.options = own.options
    and rival.created_at between own.created_at - 3600000 and own.created_at + 3600000
where own.id = :id and rival.prediction_id is null and rival.status in ('submitting', 'unknown')
    and (rival.pictures <> '[]' or own.pictures <> '[]')
    and abs(rival.submitted_at - own.submitted_at) <= :within;

-- name: taken
select prediction_id from generation
where provider = :provider and prediction_id in (select value from json_each(:prediction_ids));

-- name: store
update generation set
    status = case when review in ('image', 'both') then 'reviewing' else 'delivering' end,
    provider_ended_at = :now, compute_ms = cast(:compute_ms as bigint),
    duration_ms = :duration_ms, outputs = :outputs, images = max(images, :made)
where id = :id and owner_epoch = :owner_epoch and status = 'running'
returning *;

-- name: finish
-- The last transition: row and both books in one statement. A delivered image needs no more words,
-- so its token goes with it; the others' goes once the person has been told. What no moderator let
-- through is sealed for a week. An appeal that ends by itself leaves all as the rejection had it,
-- and nothing to wait for.
update generation set
    status = :to_status, ended_at = :now, error = coalesce(:error, error),
    quota = case status when 'appealing' then quota else :quota end,
    budget = case status when 'appealing' then budget else :budget end,
    counted = min(counted, :arrived), pictures = :pictures,
    published_id = coalesce(published_id, cast(:published_id as bigint)),
    cost_micros = case when :budget = 'settled' then price_micros * images end,
    token = case when :to_status = 'delivered' then null else token end,
    sealed_until = case when outputs is not null and approved_at is null
        and review in ('image', 'both')
        then :now + case status when 'appealing' then 0 else 604800000 end end
where id = :id and owner_epoch = :owner_epoch and status = :from_status and ended_at is null
returning *;

-- name: told
update generation set token = null
where id = :id and owner_epoch = :owner_epoch and ended_at is not null
returning *;

-- name: request_cancel
update generation set cancel_requested_at = coalesce(cancel_requested_at, :now)
where ended_at is null
    and interaction_id = (select interaction_id from generation where id = :id)
returning *;

-- name: recent
select * from generation where user_id = :user_id
order by created_at desc, id desc limit :limit;

-- name: unended_images
-- With those of their siblings: one reply shows them all, and may have to be sent again. And what is
-- reported: a moderator may still have to see it.
select id, outputs, pictures from generation
where (outputs is not null or pictures <> '[]')
    and (sealed_until is not null and outputs is not null or interaction_id in (
        select interaction_id from generation where token is not null
        union all select interaction_id from reported where verdict is null));

-- name: recent_durations
select coalesce(duration_ms, provider_ended_at - submitted_at) as duration from generation
where model = :model and status = 'delivered'
order by ended_at desc limit :limit;

-- name: fact
select value from fact where name = :name;

-- name: set_fact
insert into fact (name, value) values (:name, :value)
on conflict (name) do update set value = excluded.value;

-- name: settle_fact
insert into fact (name, value) values (:name, :value)
on conflict do nothing;

-- name: forget_fact
delete from fact where name = :name
returning name;
