-- Taken down: bytes that are not taken in, stored or shown again.

create table refused_hash (
    sha256 text   primary key,  -- lower-case hex
    at     bigint not null
);

-- What people were sent instead of a stored image that did not fit: those are other bytes.
create table delivered_hash (
    sha256        text not null,
    generation_id text not null,
    primary key (sha256, generation_id)
);

create index delivered_hash_of on delivered_hash (generation_id);
