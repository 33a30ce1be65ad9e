-- name: holding
-- The installation's, then the server's; ended ones do not count.
select guild_id, until, reason from block
where guild_id in (0, :guild_id) and subject = :subject and coalesce(until, :now + 1) > :now
order by guild_id limit 1;

-- name: block
insert into block (guild_id, subject, at, until, actor, reason)
values (:guild_id, :subject, :now, :until, :actor, :reason)
on conflict (guild_id, subject) do update set
    at = excluded.at, until = excluded.until, actor = excluded.actor, reason = excluded.reason;

-- name: unblock
delete from block where guild_id = :guild_id and subject = :subject
returning coalesce(until, :now + 1) > :now as held;

-- name: cancel_waiting
-- Only what was not sent to the provider yet. 0: in every server.
update generation set cancel_requested_at = coalesce(cancel_requested_at, :now), error = 'blocked'
where status in ('proposed', 'queued') and user_id = :user_id
    and (:guild_id = 0 or guild_id = :guild_id)
returning id;
