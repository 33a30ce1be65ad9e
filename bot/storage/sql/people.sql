-- name: unlisted
select id from person
where unlisted = 1 and id in (select cast(value as bigint) from json_each(:ids));

-- name: set_unlisted
insert into person (id, unlisted) values (:id, :unlisted)
on conflict (id) do update set unlisted = excluded.unlisted;

-- name: rows
select * from generation
where user_id = :user_id
order by created_at, id;

-- name: changes
-- But for what others wrote when they reported something of theirs: only moderators read that.
select
    guild_id, at, action, case when actor = :pseudonym then 1 else 0 end as by_you,
    case when subject = :pseudonym then 1 else 0 end as about_you,
    case when action <> 'report' or actor = :pseudonym then reason end as reason, details
from audit
where actor = :pseudonym or subject = :pseudonym
order by at, guild_id, number;

-- name: blocks
select guild_id, at, until, reason from block where subject = :pseudonym;

-- name: limits
select guild_id, name, value from setting
where holder = 'member' and subject = :pseudonym;

-- name: saved
select saved.generation_id, saved.picture, saved.guild_id, saved.saved_at, saved.barred
from saved join generation on generation.id = saved.generation_id
where user_id = :user_id
order by saved_at, generation_id, picture;

-- name: refused
select sha256 from refused_hash;

-- name: underway
select id from generation
where user_id = :user_id and (ended_at is null or token is not null) and created_at <= :asked_at;

-- name: ask_erasure
insert into erasure (user_id, asked_at) values (:user_id, :asked_at)
on conflict (user_id) do update set asked_at = excluded.asked_at;

-- name: erasures
select user_id, asked_at from erasure;

-- name: erasable
-- What has ended and been told; of several rows with one reply all, since it may have to be sent
-- again. And what nobody has reported: a moderator decides first.
user_id = :user_id and created_at <= :asked_at
    and interaction_id not in (select interaction_id from reported where verdict is null)
    and not exists (
    select 1 from generation as sibling
    where sibling.interaction_id = generation.interaction_id
        and (sibling.ended_at is null or sibling.token is not null))

-- name: images
select id, outputs, pictures from generation
where (outputs is not null or pictures <> '[]') and ({erasable});

-- name: files_of_place
-- Of what ended in a server between two times: in one channel, or (place_id 0) in all but some.
select id, outputs, pictures from generation
where (outputs is not null or pictures <> '[]')
    and guild_id = :guild_id and ended_at > :since and ended_at <= :until
    and (sealed_until is null or outputs is null)
    and case :place_id
        when 0 then place_id not in (select cast(value as bigint) from json_each(:others))
        else place_id = :place_id end
    and interaction_id not in (select interaction_id from reported where verdict is null)
    and not exists (
        select 1 from generation as sibling
        where sibling.interaction_id = generation.interaction_id
            and (sibling.ended_at is null or sibling.token is not null));

-- name: erase_variants
delete from delivered_hash
where generation_id in (select id from generation where ({erasable}));

-- name: erase_saved
delete from saved
where generation_id in (select id from generation where ({erasable}));

-- name: forget_origins
-- What others began from it is theirs; by what it was known is not.
update generation set
    origin = json_set(origin, '$.generation_id', 'erased', '$.message_id', 0),
    origin_key = 'erased'
where origin_key is not null and origin ->> 'generation_id' in (
    select id from generation where ({erasable}));

-- name: erase
-- What is left is a line of the accounts: nobody's, in some quarter of an hour. While a window is
-- open the pseudonym counts, and the time of a refusal.
update generation set
    id = 'erased-' || some_number(),
    interaction_id = -some_number(),
    user_id = case when created_at >= :counting_since then :pseudonym else 0 end,
    message_id = null, prediction_id = null, prompt = '', options = '{}', stand_in = null,
    locale = '', guild_locale = '', origin = null, origin_key = null, style = null, notify = 0,
    pictures = '[]', picture_input = '', picture_list = 0,
    outputs = null, application_id = 0, reason = null, published_id = null,
    queued_at = null, approved_at = null,
    appeal = null, appealed_at = null, sealed_until = null, removed_by = null,
    token_expires_at = 0, not_before = null, cancel_requested_at = null,
    duration_ms = coalesce(duration_ms, provider_ended_at - submitted_at),
    created_at = created_at / 900000 * 900000,
    submitted_at = submitted_at / 900000 * 900000,
    provider_ended_at = provider_ended_at / 900000 * 900000,
    ended_at = case when error = 'safety' and created_at >= :counting_since
        then ended_at else ended_at / 900000 * 900000 end
where ({erasable});

-- name: improvements
select
    guild_id, place_id, model, status, price_micros, created_at, ended_at
from improvement where user_id = :user_id
order by created_at, id;

-- name: erase_improvements
update improvement set
    id = -some_number(), prediction_id = null,
    user_id = case when created_at >= :counting_since then :pseudonym else 0 end,
    created_at = created_at / 900000 * 900000, ended_at = ended_at / 900000 * 900000
where user_id = :user_id and created_at <= :asked_at and ended_at is not null;

-- name: left
select
    (select count(*) from generation where user_id = :user_id and created_at <= :asked_at)
    + (select count(*) from improvement where user_id = :user_id and created_at <= :asked_at);

-- name: erase_acts
-- Who it was, with the salt, and what was written by or about them: the marks stay, so each chain
-- is still whole, and nobody can tell from a mark whose it was.
update audit set
    actor = case when (actor = :pseudonym) is not true then actor end,
    actor_salt = case when (actor = :pseudonym) is not true then actor_salt end,
    subject = case when (subject = :pseudonym) is not true then subject end,
    subject_salt = case when (subject = :pseudonym) is not true then subject_salt end,
    reason = null, reason_salt = null
where (actor = :pseudonym or subject = :pseudonym) and at <= :asked_at;

-- name: erase_reports
update report set reason = '' where reporter = :pseudonym and at <= :asked_at;

-- name: change_cards
-- Those that show it.
update reported set shown = -1 where verdict is null and interaction_id in (
    select interaction_id from report where reporter = :pseudonym and at <= :asked_at);

-- name: erase_block_reasons
-- A block holds on, by pseudonym: erasing one's data is no way around it.
update block set reason = '', actor = case when (actor = :pseudonym) is not true then actor end
where (actor = :pseudonym or subject = :pseudonym) and at <= :asked_at;

-- name: erase_reasons
update audit set reason = null, reason_salt = null
where reason is not null and at < :until;

-- name: end_blocks
delete from block where until <= :now;

-- name: forget_alias
delete from alias where user_id = :user_id;

-- name: forget_person
delete from person where id = :user_id;

-- name: forget_saved
delete from saved where barred = 0 and generation_id in (
    select id from generation where user_id = :user_id and created_at <= :asked_at);
-- name: forget_preferences
delete from preference where user_id = :user_id;

-- name: erased
delete from erasure where user_id = :user_id and asked_at = :asked_at;

-- name: close_windows
-- Nothing counts them any more.
update generation set user_id = 0, ended_at = ended_at / 900000 * 900000
where user_id < 0 and created_at < :counting_since;

-- name: close_improvements
update improvement set user_id = 0
where user_id < 0 and created_at < :counting_since;

-- name: close_alerts
delete from alert where since < :counting_since;

-- name: erase_prompts
update generation set prompt = '', options = '{}', style = null, stand_in = null, appeal = null
where id in (
    select id from generation
    where created_at >= :since and created_at < :until
        and (prompt <> '' or options <> '{}' or stand_in is not null or appeal is not null)
        and ended_at is not null and token is null
    limit :limit)
returning id;
