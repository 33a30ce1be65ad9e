-- Images, which every process can read; with SQLite they are files. `beside`: a thumbnail's image,
-- with which it goes.

create table image (
    name      text   not null,
    beside    text   references image (name) on delete cascade,
    stored_at bigint not null,
    primary key (name)
);

create table image_piece (
    name    text   not null references image (name) on delete cascade,
    number  bigint not null,
    content bytea  not null,
    primary key (name, number)
);

-- They are compressed already.
alter table image_piece alter column content set storage external;

create index image_beside on image (beside) where beside is not null;
create index image_by_time on image (stored_at);
