-- name: put
insert into image (name, stored_at) values ($1, $2)
on conflict (name) do update set stored_at = excluded.stored_at;

-- name: put_beside
insert into image (name, beside, stored_at)
select $1, name, stored_at from image where name = $2 for key share
on conflict (name) do update set stored_at = excluded.stored_at
returning name;

-- name: empty
delete from image_piece where name = $1;

-- name: put_piece
insert into image_piece (name, number, content) values ($1, $2, $3);

-- name: pieces
select content from image_piece where name = $1 order by number;

-- name: present
select name from image where name = any($1::text[]);

-- name: remove
delete from image where name = any($1::text[]) returning name;

-- name: stored_before
select name from image where stored_at < $1 and beside is null;
