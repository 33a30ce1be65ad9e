-- Several processes on one database: only PostgreSQL has them; here whoever has the file is alone.

create view living as select 0 as epoch where 0;

-- Interactions that some process answers, while two of them hear every one.
create table interaction (
    id bigint primary key,
    at bigint not null
);
