-- name: first
insert into alert (scope, subject, unit, period, since, most, percent)
values (:scope, :subject, :unit, :period, :since, :most, :percent)
on conflict do nothing
returning percent;
