-- name: appeal
-- All that was rejected of the request, while its images are sealed, and once for good. No book
-- changes; a wish to cancel was about what was decided since. It waits like any other row that has
-- a reply: with this process.
update generation set
    status = 'appealing', appeal = :text, appealed_at = :now, ended_at = null, sealed_until = null,
    cancel_requested_at = null, token = :token, token_expires_at = :token_expires_at,
    message_id = null, owner_epoch = :owner_epoch
where interaction_id = :interaction_id and user_id = :user_id and status = 'rejected'
    and outputs is not null and sealed_until > :now and removed_by is null
    and exists (
        select 1 from review
        where interaction_id = :interaction_id and stage = 'reviewing' and verdict = 'rejected')
    and not exists (
        select 1 from review where interaction_id = :interaction_id and stage = 'appealing')
returning *;

-- name: open
insert into review (interaction_id, stage, guild_id)
values (:interaction_id, 'appealing', :guild_id);

-- name: answered
update generation set message_id = :message_id
where interaction_id = :interaction_id and status = 'appealing' and token = :token;

-- name: rejected
select actor from review
where interaction_id = :interaction_id and stage = 'reviewing' and verdict = 'rejected';

-- name: others
-- Whether somebody else has decided here: from the record, since what they decided about may have
-- been erased.
select 1 from audit
where guild_id = :guild_id and at >= :since and action in ('approve', 'reject')
    and actor not in (select cast(value as bigint) from json_each(:besides))
limit 1;
