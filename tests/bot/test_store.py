"""The store of images, in files and in tables: both keep the same promises."""

from __future__ import annotations

import asyncio
import os
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from bot.domain.picture import SMALL, close, opened
from bot.errors import ProviderTrouble, StorageError
from bot.pictures.files import ImageFiles
from bot.pictures.store import FileStore, ImageStore, store_of
from bot.settings.address import Server
from bot.storage.database import Database
from bot.storage.pieces import PIECE
from tests.engines import TEMPLATE, Postgres
from tests.shelf import run
from tests.world import MODEL, picture

NAME = "1-0.png"
LARGE = picture("PNG", (2000, 1400), noise=True)
"""8 MB."""


@pytest.fixture
async def server(postgres: Postgres) -> Server:
    name = f"store_{uuid4().hex}"
    await postgres.run(f"create database {name} template {TEMPLATE}")
    return postgres.named(name)


@pytest.fixture
async def tables(server: Server, tmp_path: Path) -> AsyncIterator[ImageStore]:
    async with Database.open(server, exclusive=False) as database:
        yield store_of(database, tmp_path / "spool")


@pytest.fixture(params=["files", "tables"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ImageStore:
    if request.param == "files":
        return FileStore(ImageFiles(tmp_path / "images"))
    found = request.getfixturevalue("tables")
    assert isinstance(found, ImageStore)
    return found


async def kept(store: ImageStore, content: bytes, stem: str = "1-0") -> str:
    with closing(store.spool()) as spool:
        for at in range(0, len(content), PIECE):
            if spool.add(content[at : at + PIECE]):
                await store.flush(spool)
        return (await store.keep(stem, spool, MODEL)).stored.name


async def read(store: ImageStore, name: str) -> bytes:
    """As an upload does."""
    file = await store.file(name)
    try:
        with opened(file) as found:
            return found.read()
    finally:
        close(file)


@pytest.mark.parametrize("content", [picture("PNG"), LARGE], ids=["small", "large"])
async def test_a_picture_is_read_as_it_was_kept(store: ImageStore, content: bytes) -> None:
    name = await kept(store, content)

    assert name == NAME
    assert await read(store, name) == await store.read(name)
    assert abs(len(await store.read(name)) - len(content)) < 2000  # its mark


async def test_what_is_no_picture_is_not_kept(store: ImageStore) -> None:
    with pytest.raises(ProviderTrouble):
        await kept(store, b"<html>")

    assert await store.missing([NAME]) == {NAME}


@pytest.mark.parametrize("size", [1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
async def test_not_a_byte_is_lost_between_two_pieces(store: ImageStore, size: int) -> None:
    content = os.urandom(size)

    await store.put(NAME, content)

    assert await store.read(NAME) == content == await read(store, NAME)


async def test_what_is_stored_again_takes_the_others_place(store: ImageStore) -> None:
    """Killed before its row knew of it, a picture is fetched once more."""
    await store.put(NAME, os.urandom(3 * PIECE))
    await store.put(NAME, b"fox")

    assert await store.read(NAME) == b"fox"


async def test_what_is_not_there_is_not_found(store: ImageStore) -> None:
    assert await store.missing([NAME]) == {NAME}
    with pytest.raises(FileNotFoundError):
        await store.read(NAME)
    with pytest.raises(FileNotFoundError):
        await read(store, NAME)
    await store.remove([NAME])


async def test_a_thumbnail_goes_with_its_picture(store: ImageStore) -> None:
    await store.put(NAME, b"fox")
    await store.put_small(NAME, b"small")
    assert await store.read(NAME + SMALL) == b"small"

    await store.remove([NAME])

    assert await store.missing([NAME, NAME + SMALL]) == {NAME, NAME + SMALL}


async def test_of_a_picture_that_went_meanwhile_no_thumbnail_stays(store: ImageStore) -> None:
    with pytest.raises(FileNotFoundError):
        await store.put_small(NAME, b"small")

    assert await store.missing([NAME + SMALL]) == {NAME + SMALL}


async def test_the_sweep_removes_what_is_old_but_not_what_is_needed(store: ImageStore) -> None:
    for name in (NAME, "2-0.png"):
        await store.put(name, b"fox")
        await store.put_small(name, b"small")

    assert await store.sweep(0, ()) == 0
    removed = await store.sweep(1e15, {NAME})

    assert removed in (1, 2)  # files count the thumbnail, too
    assert await store.missing([NAME, NAME + SMALL]) == set()
    assert await store.missing(["2-0.png", "2-0.png" + SMALL]) == {"2-0.png", "2-0.png" + SMALL}


async def test_another_process_reads_what_this_one_has_stored(
    tables: ImageStore, server: Server, tmp_path: Path
) -> None:
    await tables.put(NAME, b"fox")

    async with Database.open(server, exclusive=False) as database:
        assert await store_of(database, tmp_path / "other").read(NAME) == b"fox"


async def test_what_one_process_removes_no_other_one_has(
    tables: ImageStore, server: Server, tmp_path: Path
) -> None:
    await tables.put(NAME, LARGE)
    async with Database.open(server, exclusive=False) as database:
        other = store_of(database, tmp_path / "other")
        close(await other.file(NAME))
        await tables.remove([NAME])

        with pytest.raises(FileNotFoundError):
            await other.file(NAME)

    assert list((tmp_path / "other").glob("*")) == []


async def test_no_picture_is_in_memory_whole_on_its_way_through_tables(
    tables: ImageStore,
) -> None:
    close(await tables.file(await kept(tables, LARGE)))  # what is imported once is not measured
    tracemalloc.start()
    try:
        name = await kept(tables, LARGE, "2-0")
        close(await tables.file(name))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < len(LARGE) / 2


async def test_images_wait_for_no_writer_and_no_writer_for_them(
    tables: ImageStore, server: Server
) -> None:
    async with Database.open(server, exclusive=False) as database, database.transaction():
        await tables.put(NAME, b"fox")
        assert await tables.read(NAME) == b"fox"


@pytest.mark.fault(
    "the database server cuts a connection while an image is stored in it",
    sees="the image, a moment later",
    charged="one image, once",
)
async def test_an_image_whose_connection_is_cut_is_not_there_at_all(
    tables: ImageStore, server: Server
) -> None:
    """Its row is still `running`: the step is tried again."""
    run(
        server.url,
        "create function wait() returns trigger language plpgsql as "
        "'begin perform pg_terminate_backend(pg_backend_pid()); return new; end'",
    )
    run(
        server.url,
        "create trigger cut before insert on image_piece for each row "
        "when (new.number = 2) execute function wait()",
    )

    with pytest.raises(StorageError):
        await tables.put(NAME, os.urandom(4 * PIECE))

    assert await tables.missing([NAME]) == {NAME}
    run(server.url, "drop trigger cut on image_piece")
    await tables.put(NAME, b"fox")
    assert await tables.read(NAME) == b"fox"


async def test_two_that_store_the_same_picture_at_once_leave_one(tables: ImageStore) -> None:
    """A process that was frozen wakes up, and its work was taken over."""
    content = os.urandom(3 * PIECE)

    await asyncio.gather(*(tables.put(NAME, content) for _ in range(4)))

    assert await tables.read(NAME) == content


async def test_a_fetch_that_is_given_up_leaves_nothing(tables: ImageStore) -> None:
    storing = asyncio.create_task(tables.put(NAME, os.urandom(40 * PIECE)))
    await asyncio.sleep(0)
    storing.cancel()
    await asyncio.gather(storing, return_exceptions=True)

    assert await tables.missing([NAME]) == {NAME}
