-- name: whose
select user_id from generation where interaction_id = :interaction_id limit 1;

-- name: image
-- While it is there to be seen; nothing of it was removed.
select guild_id from generation
where interaction_id = :interaction_id and status in ('delivering', 'delivered')
    and sealed_until is null
    and guild_id is not null
order by ordinal limit 1;

-- name: recent
-- When this person reported something in this server, newest first.
select at from report
where guild_id = :guild_id and reporter = :reporter and at > :since
order by at desc;

-- name: mine
select at from report
where interaction_id = :interaction_id and reporter = :reporter and closed_at is null;

-- name: file
insert into report (interaction_id, guild_id, reporter, at, reason)
values (:interaction_id, :guild_id, :reporter, :now, :reason);

-- name: open
-- Again, where it was decided before: with a card of its own, unless that one still has its buttons.
insert into reported (interaction_id, guild_id, opened_at)
values (:interaction_id, :guild_id, :now)
on conflict (interaction_id) do update set
    opened_at = case when reported.verdict is null then reported.opened_at
        else excluded.opened_at end,
    told = case when reported.verdict is null then reported.told else 0 end,
    card_id = case when reported.closed = 0 then reported.card_id end,
    shown = case when reported.verdict is null then reported.shown else -1 end,
    verdict = null, decided_at = null, actor = null, closed = 0;

-- name: told
update reported set told = 1
where interaction_id = :interaction_id and told = 0 and verdict is null
returning *;

-- name: of_image
select * from reported where interaction_id = :interaction_id;

-- name: reports
select * from report where interaction_id = :interaction_id and closed_at is null
order by at, reporter;

-- name: undecided
select * from reported where verdict is null and guild_id = :guild_id order by opened_at;

-- name: stale
-- Whose card is missing, shows other reports than there are, or does not say what was decided.
select * from reported
where (verdict is null and (card_id is null or shown <> (
        select count(*) from report
        where report.interaction_id = reported.interaction_id and closed_at is null)))
    or (verdict is not null and closed = 0);

-- name: posted
update reported set channel_id = :channel_id, card_id = :card_id, cards = cards + 1
where interaction_id = :interaction_id;

-- name: showing
update reported set shown = :shown where interaction_id = :interaction_id;

-- name: lost
-- Somebody deleted the card.
update reported set card_id = null
where interaction_id = :interaction_id and card_id = :card_id and closed = 0;

-- name: close
update reported set closed = 1
where interaction_id = :interaction_id and verdict is not null;

-- name: decide
update reported set verdict = :verdict, decided_at = :now, actor = cast(:actor as bigint)
where interaction_id = :interaction_id and verdict is null
returning *;

-- name: close_reports
-- What was written goes, but for the record; that somebody reported still counts for a day.
update report set closed_at = :now, reason = ''
where interaction_id = :interaction_id and closed_at is null;

-- name: unseal
-- Whoever asked had deleted it: that was put off by the reports alone.
update generation set sealed_until = :now
where interaction_id = :interaction_id and removed_by = 'requester' and sealed_until > :now;

-- name: lapsing
select interaction_id from reported where verdict is null and opened_at <= :before;

-- name: forget_reports
delete from report where closed_at is not null and at <= :before;

-- name: forget_images
delete from reported
where closed = 1 and not exists (
    select 1 from report where report.interaction_id = reported.interaction_id);
