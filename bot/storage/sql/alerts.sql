-- name: first
insert into alert (scope, subject, unit, period, since, percent)
values (:scope, :subject, :unit, :period, :since, :percent)
on conflict do nothing
returning percent;
