-- Several processes on one database. Each that lives holds a lock on its epoch.

create view living as
select objid::bigint as epoch from pg_locks
where locktype = 'advisory' and classid = 1768776047 and objsubid = 2 and granted
    and database = (select oid from pg_database where datname = current_database());

-- Interactions that some process answers, while two of them hear every one.
create table interaction (
    id bigint not null,
    at bigint not null,
    primary key (id)
);
