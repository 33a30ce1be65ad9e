"""`migrate`: all of a SQLite file and its images in PostgreSQL, or nothing of it."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from bot.domain.act import INSTALLATION, OPERATOR
from bot.domain.generation import Status
from bot.domain.picture import Stored
from bot.errors import StorageError
from bot.pictures.store import store_of
from bot.settings.address import Server
from bot.storage.audit import Audit
from bot.storage.database import Database, newest_schema
from bot.storage.ledger import Ledger
from bot.storage.move import Moved, move
from bot.storage.pieces import PIECE
from bot.storage.sqlite import lock
from bot.storage.storage import Storage
from tests.bot.command import ROOT, imagine, surroundings
from tests.bot.storage.test_backup import reserve
from tests.engines import Postgres
from tests.shelf import run
from tests.turns import dispatch

pytestmark = pytest.mark.sqlite("what is moved is a file")

LARGE = bytes(range(256)) * (PIECE // 100)
"""Of more than one piece."""


@dataclass
class Place:
    """A file with a bit of everything, and an empty database of a server."""

    folder: Path
    target: Server

    @property
    def source(self) -> Path:
        return self.folder / "data" / "imagine.db"

    @property
    def images(self) -> Path:
        return self.folder / "data" / "images"

    async def fill(self) -> None:
        self.images.mkdir(parents=True)
        async with Database.open(self.source, exclusive=True) as database:
            storage = Storage.of(database)
            for number, content in enumerate((b"fox", LARGE, b"gone by age"), 1):
                await made(storage.ledger, number, content)
                (self.images / f"{number}-0.png").write_bytes(content)
            await reserve(storage.ledger, 4)
            await storage.sanctions.block(INSTALLATION, OPERATOR, 77, "spam", until=None, now=5)
            await storage.sanctions.block(INSTALLATION, OPERATOR, 78, "spam", until=None, now=6)
            await storage.ledger.facts.write("paused", "1")
        (self.images / "3-0.png").unlink()
        (self.images / "1-0.png.small.webp").write_bytes(b"made again")

    async def move(self) -> Moved:
        return await move(self.source, self.target, self.images, lambda _: None)

    def rows(self, statement: str) -> list[Any]:
        return run(self.target.url, statement)


async def made(ledger: Ledger, number: int, content: bytes) -> None:
    row = await dispatch(ledger, await reserve(ledger, number), now=2000)
    assert row is not None
    row = await ledger.attach(row, f"p{number}")
    assert row is not None
    image = Stored(f"{number}-0.png", "image/png", len(content), sha256(content))
    row = await ledger.store(row, [image], now=3000, compute_ms=1234, duration_ms=1)
    assert row is not None
    await ledger.finish(row, Status.DELIVERED, now=4000, bought=True)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.fixture
async def target(postgres: Postgres) -> Server:
    """A database that nobody has ever opened."""
    address = postgres.named(f"target_{uuid4().hex}")
    await postgres.run(f"create database {address.url.partition('?')[0].rpartition('/')[2]}")
    return address


@pytest.fixture
async def place(tmp_path: Path, target: Server) -> Place:
    here = Place(tmp_path, target)
    await here.fill()
    return here


async def test_every_row_and_every_image_arrives_and_the_source_stays(place: Place) -> None:
    before = dump(place.source)

    moved = await place.move()

    assert dump(place.source) == before
    assert sorted(file.name for file in place.images.iterdir()) == [
        "1-0.png",
        "1-0.png.small.webp",
        "2-0.png",
    ]
    assert (moved.tables["generation"], moved.tables["audit"], moved.tables["block"]) == (4, 2, 2)
    assert (moved.images.moved, moved.images.absent) == (2, 1)
    async with Database.open(place.target, exclusive=True) as database:
        storage, store = Storage.of(database), store_of(database, place.folder / "spool")
        assert await storage.ledger.facts.read("paused") == "1"
        assert len(await storage.ledger.recent(4, 10)) == 4
        assert [await store.read(f"{number}-0.png") for number in (1, 2)] == [b"fox", LARGE]
        assert await store.missing(["3-0.png"]) == {"3-0.png"}


async def test_what_waited_is_still_in_line(place: Place) -> None:
    """Nobody runs on the old side: it was not bought since."""
    await place.move()

    async with Database.open(place.target, exclusive=True) as database:
        row = await Ledger(database).find("4-0")

    assert row is not None
    assert row.status is Status.QUEUED


async def test_the_figures_are_those_of_both_sides(place: Place) -> None:
    moved = await place.move()

    [delivered, queued] = moved.sums
    assert delivered.kind == "delivered: quota settled, budget settled"
    assert (delivered.rows, delivered.images, delivered.compute_ms) == (3, 3, 3 * 1234)
    assert queued.kind == "queued: quota reserved, budget reserved"
    assert queued.rows == 1


async def test_the_record_of_acts_verifies_there_too(place: Place) -> None:
    moved = await place.move()

    assert moved.chains == 1
    async with Database.open(place.target, exclusive=False) as database:
        [chain] = [each async for each in Audit(database).chains()]
    assert (chain.entries, chain.broken) == (2, None)


async def test_a_record_that_is_broken_stays_broken_at_the_same_entry(place: Place) -> None:
    with closing(sqlite3.connect(place.source)) as connection, connection:
        connection.execute("update audit set reason = 'fair' where number = 2")

    moved = await place.move()

    assert moved.chains == 0
    async with Database.open(place.target, exclusive=False) as database:
        [chain] = [each async for each in Audit(database).chains()]
    assert chain.broken == 2


async def test_a_null_character_becomes_one_that_can_be_stored(place: Place) -> None:
    with closing(sqlite3.connect(place.source)) as connection, connection:
        connection.execute("update generation set prompt = ? where id = '1-0'", ("a\0b",))

    moved = await place.move()

    assert moved.nulls == 1
    assert place.rows("select prompt from generation where id = '1-0'")[0][0] == "a\ufffdb"


async def test_retention_counts_from_when_an_image_was_stored(place: Place) -> None:
    stored_at = (place.images / "1-0.png").stat().st_mtime_ns // 1_000_000

    await place.move()

    asked = "select stored_at from image where name = '1-0.png'"
    assert place.rows(asked)[0][0] == stored_at


async def test_a_second_move_is_refused(place: Place) -> None:
    await place.move()

    with pytest.raises(StorageError, match="has rows already"):
        await place.move()


async def test_a_target_that_a_bot_was_started_with_is_still_empty(place: Place) -> None:
    async with Database.open(place.target, exclusive=True) as database:
        await Ledger(database).facts.write("paused", "0")

    await place.move()

    assert place.rows("select value from fact where name = 'paused'")[0][0] == "1"


async def test_nothing_is_moved_while_a_bot_runs_on_either_side(place: Place) -> None:
    held = lock(place.source)
    try:
        with pytest.raises(StorageError, match="Another process"):
            await place.move()
    finally:
        held.release()
    async with Database.open(place.target, exclusive=True):
        with pytest.raises(StorageError, match="running on the target"):
            await place.move()


@pytest.mark.parametrize(("by", "says"), [(-1, "older schema"), (1, "newer version")])
async def test_another_versions_file_is_not_moved(place: Place, by: int, says: str) -> None:
    with closing(sqlite3.connect(place.source)) as connection:
        connection.execute(f"pragma user_version = {newest_schema() + by}")

    with pytest.raises(StorageError, match=says):
        await place.move()


@pytest.mark.fault(
    "an image's file is not what its row says when all is moved",
    sees="the operator: which, and that nothing was moved",
    charged="nothing",
)
async def test_a_damaged_image_is_named_and_leaves_nothing_in_the_target(place: Place) -> None:
    (place.images / "2-0.png").write_bytes(b"damaged")

    with pytest.raises(StorageError, match=r"2-0\.png is not what its row says"):
        await place.move()

    assert place.rows("select count(*) from generation")[0][0] == 0
    assert place.rows("select count(*) from image")[0][0] == 0


@pytest.mark.fault(
    "the move to PostgreSQL is killed half-way",
    sees="the operator: the target is empty, and the same command works",
    charged="nothing",
)
async def test_a_move_that_is_killed_half_way_leaves_nothing_and_can_be_repeated(
    place: Place,
) -> None:
    """It is held up by a row of the last table, so that all others are on their way."""
    async with Database.open(place.target, exclusive=True):
        pass
    holder = await asyncpg.connect(place.target.url)
    try:
        await holder.execute("begin; lock table image in exclusive mode")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", "migrate", "--to", place.target.url),
            cwd=place.folder,
            env=surroundings(place.folder, {"PYTHONPATH": str(ROOT)}),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        lines = [await process.stdout.readline()]
        while not lines[-1].startswith(b"block"):
            assert lines[-1], lines
            lines.append(await process.stdout.readline())
        process.kill()
        await process.wait()
    finally:
        await holder.close()

    assert place.rows("select count(*) from generation")[0][0] == 0
    moved = await place.move()
    assert moved.tables["generation"] == 4


async def test_the_command_says_what_was_verified_and_what_to_do(place: Place) -> None:
    outcome = await imagine(place.folder, "migrate", "--to", place.target.url)

    assert outcome.code == 0, outcome.err
    assert "delivered: quota settled, budget settled" in outcome.out
    assert "2 images" in outcome.out
    assert "Never start the old one again" in outcome.out
    assert place.target.url not in outcome.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "postgresql://alice:secret@db/one", "--to", "postgresql://alice:secret@db/two"),
        ("--to", "sqlite:///other.db"),
        ("--to", "postgresql://alice:secret@"),
        (),
    ],
)
async def test_what_it_cannot_move_is_refused_without_repeating_a_password(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    outcome = await imagine(tmp_path, "migrate", *arguments)

    assert outcome.code == 2
    assert "secret" not in outcome.out + outcome.err
