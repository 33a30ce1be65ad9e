-- name: at_desk
-- Every row of the requests of which something waits for a moderator.
select * from generation
where interaction_id in (
    select interaction_id from generation
    where status in ('proposed', 'reviewing', 'appealing')
        and coalesce(cast(:guild_id as bigint), guild_id) = guild_id)
order by created_at, interaction_id, ordinal;

-- name: request
select * from generation where interaction_id = :interaction_id order by ordinal;

-- name: of_request
select * from review where interaction_id = :interaction_id;

-- name: open
insert into review (interaction_id, stage, guild_id) values (:interaction_id, :stage, :guild_id)
on conflict do nothing;

-- name: posted
update review set
    channel_id = :channel_id, card_id = :card_id, cards = cards + 1, closed = 0
where interaction_id = :interaction_id and stage = :stage
returning *;

-- name: lost
-- Somebody deleted the card.
update review set card_id = null
where interaction_id = :interaction_id and stage = :stage and card_id = :card_id and closed = 0;

-- name: close
update review set closed = 1 where interaction_id = :interaction_id and stage = :stage;

-- name: unclosed
-- Whose card does not say yet what became of it, or shows what somebody had erased.
select * from review
where closed = 0 and not exists (
    select 1 from generation
    where generation.interaction_id = review.interaction_id and generation.status = review.stage)
union
select * from review where interaction_id not in (select interaction_id from generation);

-- name: forget
delete from review where interaction_id = :interaction_id;

-- name: decide
-- All rows of the request that are in this status, once none of them is under way any more: what
-- is decided is what the card shows.
update generation set
    status = :to_status, spoiler = max(spoiler, :spoiler),
    reason = coalesce(:reason, case when :to_status = 'rejected' then reason end),
    error = case when :verdict = 'expired' then 'undecided' end,
    queued_at = case when :to_status = 'queued' then :now else queued_at end,
    approved_at = case when :to_status = 'delivering' then :now else approved_at end,
    ended_at = case when :has_ended = 1 then :now end,
    sealed_until = case when :has_ended = 1 and outputs is not null then cast(:sealed_until as bigint) end,
    quota = coalesce(:quota, quota), budget = coalesce(:budget, budget),
    counted = case when :has_ended = 1 and outputs is not null then min(counted, (
        select count(*) from json_each(outputs) where type <> 'null')) else counted end,
    cost_micros = case when coalesce(:budget, budget) = 'settled' then price_micros * images end
where interaction_id = :interaction_id and status = :stage
    and not (:to_status in ('queued', 'delivering') and cancel_requested_at is not null)
    and not exists (
    select 1 from generation as sibling
    where sibling.interaction_id = :interaction_id
        and sibling.status in ('queued', 'submitting', 'running'))
returning *;

-- name: published
-- Of all that were made together: one message shows them.
update generation set published_id = :published_id
where interaction_id = :interaction_id and owner_epoch = :owner_epoch and published_id is null;

-- name: record
insert into review (interaction_id, stage, guild_id, verdict, decided_at, actor)
values (:interaction_id, :stage, :guild_id, :verdict, :now, cast(:actor as bigint))
on conflict (interaction_id, stage) do update set
    verdict = excluded.verdict, decided_at = excluded.decided_at, actor = excluded.actor;

-- name: history
-- What became of this person's requests in this server, where a moderator decided.
select
    count(*) filter (where verdict in ('approved', 'spoiler')) as approved,
    count(*) filter (where verdict = 'rejected' and stage <> 'appealing' and not exists (
        select 1 from review as appeal
        where appeal.interaction_id = review.interaction_id and appeal.stage = 'appealing'
            and appeal.verdict in ('approved', 'spoiler'))) as rejected
from review
where verdict is not null and interaction_id in (
    select interaction_id from generation where user_id = :user_id and guild_id = :guild_id);
