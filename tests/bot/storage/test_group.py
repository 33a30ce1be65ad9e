"""Writes that wait together: one commit, in order, and nobody's trouble but their own."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from bot.errors import StorageError
from bot.storage import group
from bot.storage.database import Database, Row
from bot.storage.sqlite import SqliteDatabase
from tests.broken import elsewhere, sqlite
from tests.clocks import settled

NOTE = "insert into fact (name, value) values (:name, :value) returning name"
HELD = "insert into fact (name, value) values (:name, hold()) returning name"

#: PostgreSQL's `hold()`.
WAITING = """
create or replace function hold() returns text language plpgsql as
$$ begin perform pg_advisory_xact_lock(77); return 'held'; end $$
"""
WAITED_FOR = "select 1 from pg_locks where locktype = 'advisory' and objid = 77 and not granted"

Noting = asyncio.Task[list[Row]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "imagine.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    async with Database.open(path, exclusive=True) as here:
        yield here


@asynccontextmanager
async def held(database: Database) -> AsyncIterator[asyncio.Event]:
    """Whoever writes `hold()` holds the turn until the end; the event: somebody does."""
    where = _held_thread if isinstance(database, SqliteDatabase) else _held_lock
    async with where(database) as begun:
        yield begun


@asynccontextmanager
async def _held_thread(database: Database) -> AsyncIterator[asyncio.Event]:
    begun, release, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()

    def hold() -> str:
        loop.call_soon_threadsafe(begun.set)
        assert release.wait(60)
        return "held"

    await sqlite(database)._writer.create_function("hold", 0, hold)
    try:
        yield begun
    finally:
        release.set()


@asynccontextmanager
async def _held_lock(database: Database) -> AsyncIterator[asyncio.Event]:
    begun = asyncio.Event()
    await database.write(WAITING, {})

    async def look() -> None:
        while not await database.read(WAITED_FOR, {}):  # noqa: ASYNC110 - nobody tells us
            await asyncio.sleep(0.01)
        begun.set()

    async with elsewhere(database) as connection:
        await connection.execute("select pg_advisory_lock(77)")
        looking = asyncio.create_task(look())
        try:
            yield begun
        finally:
            looking.cancel()
            await connection.execute("select pg_advisory_unlock(77)")


def note(database: Database, name: str, value: object = "", *, by: str = NOTE) -> Noting:
    return asyncio.create_task(database.write(by, {"name": name, "value": value}))


async def told(*notes: Noting) -> list[str]:
    """The names that came back to the writers."""
    return [row["name"] for rows in await asyncio.gather(*notes) for row in rows]


async def noted(database: Database) -> list[str]:
    """The names that are there, in the order in which they were written."""
    order = "rowid" if isinstance(database, SqliteDatabase) else "ctid"
    found = await database.read(f"select name from fact where name <> 'home' order by {order}", {})
    return [row["name"] for row in found]


async def commits(database: Database, path: Path) -> int:
    """How many have written. SQLite's log: a commit's last frame says how large the file is."""
    if not isinstance(database, SqliteDatabase):
        [[found]] = await database.read("select count(distinct xmin::text) from fact", {})
        return int(found)
    wal = path.with_name(path.name + "-wal").read_bytes()
    frame = 24 + int.from_bytes(wal[8:12], "big")
    return sum(any(wal[at + 4 : at + 8]) for at in range(32, len(wal), frame))


async def test_writes_that_wait_together_share_a_commit(database: Database, path: Path) -> None:
    before = await commits(database, path)

    await asyncio.gather(*(note(database, str(n)) for n in range(10)))

    assert await commits(database, path) == before + 1


async def test_writes_that_come_during_a_commit_share_the_next(
    database: Database, path: Path
) -> None:
    before = await commits(database, path)
    async with held(database) as begun:
        first = note(database, "first", by=HELD)
        await begun.wait()
        later = [note(database, str(n)) for n in range(10)]
        await settled()

    assert len(await told(first, *later)) == 11
    assert await commits(database, path) == before + 2


async def test_a_commit_is_shared_by_so_many_and_no_more(database: Database, path: Path) -> None:
    before = await commits(database, path)

    await asyncio.gather(*(note(database, str(n)) for n in range(2 * group.TOGETHER + 1)))

    assert await commits(database, path) == before + 3


async def test_writes_happen_in_the_order_they_came_and_each_gets_its_own_rows(
    database: Database,
) -> None:
    order = [f"{n * 37 % 150}" for n in range(150)]

    rows = await told(*(note(database, name) for name in order))

    assert rows == order
    assert await noted(database) == order


async def test_who_is_told_of_a_write_finds_it_committed(database: Database) -> None:
    async def found(name: str) -> bool:
        await database.write(NOTE, {"name": name, "value": ""})
        return name in await noted(database)

    assert all(await asyncio.gather(*(found(str(n)) for n in range(10))))


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (None, (sqlite3.IntegrityError, asyncpg.NotNullViolationError)),
        (2**70, (OverflowError, asyncpg.DataError)),
        ("\ud800", (UnicodeEncodeError, asyncpg.DataError)),
    ],
)
async def test_a_write_that_fails_fails_alone(
    database: Database, value: object, error: tuple[type[Exception], ...]
) -> None:
    notes = [note(database, "a"), note(database, "wrong", value), note(database, "b")]

    outcomes = await asyncio.gather(*notes, return_exceptions=True)

    assert isinstance(outcomes[1], error)
    assert await told(notes[0], notes[2]) == ["a", "b"]
    assert await noted(database) == ["a", "b"]


@pytest.mark.sqlite("its own errors")
async def test_a_disk_too_full_for_one_write_takes_those_beside_it(database: Database) -> None:
    [pages] = await sqlite(database)._writer.execute_fetchall("pragma page_count")
    await sqlite(database)._writer.execute_fetchall(f"pragma max_page_count = {pages[0]}")
    notes = [note(database, "a"), note(database, "big", "x" * 1_000_000), note(database, "b")]

    with pytest.raises(StorageError, match="The disk is full"):
        await notes[1]

    assert await told(notes[0], notes[2]) == ["a", "b"]
    assert await noted(database) == ["a", "b"]


@pytest.mark.sqlite("its own errors")
async def test_another_programs_lock_is_waited_for_once_and_named_to_each(
    database: Database, path: Path
) -> None:
    tried: list[str] = []
    await sqlite(database)._writer.execute_fetchall("pragma busy_timeout = 20")
    await sqlite(database)._writer.set_trace_callback(tried.append)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")

    outcomes = await asyncio.gather(
        *(note(database, str(n)) for n in range(3)), return_exceptions=True
    )
    other.close()

    assert ["locked" in str(outcome) for outcome in outcomes] == [True] * 3
    assert {type(outcome) for outcome in outcomes} == {StorageError}
    assert tried == ["begin immediate"]
    assert await told(note(database, "after")) == ["after"]


async def test_who_is_cancelled_while_waiting_writes_nothing(database: Database) -> None:
    async with database.transaction():
        notes = [note(database, name) for name in ("a", "left", "b")]
        await settled()
        notes[1].cancel()

    assert await told(notes[0], notes[2]) == ["a", "b"]
    assert notes[1].cancelled()
    assert await noted(database) == ["a", "b"]


async def test_a_line_that_everybody_left_is_no_trouble_for_the_next(database: Database) -> None:
    async with database.transaction():
        left = note(database, "left")
        await settled()
        left.cancel()

    assert await told(note(database, "next")) == ["next"]
    assert await noted(database) == ["next"]


async def test_who_is_cancelled_during_the_commit_takes_nothing_from_those_beside(
    database: Database,
) -> None:
    async with held(database) as begun:
        first, second = note(database, "first", by=HELD), note(database, "second")
        await begun.wait()
        first.cancel()
        third = note(database, "third")
        await settled()

    assert await told(second, third) == ["second", "third"]
    assert first.cancelled()
    assert await noted(database) == ["first", "second", "third"]  # the rows tell


async def test_what_is_committed_when_the_loop_ends_keeps_nobody_waiting(
    database: Database,
) -> None:
    async with held(database) as begun:
        on_its_way = note(database, "on its way", by=HELD)
        await begun.wait()
        waiting = note(database, "waiting")
        await settled()
        [committer] = [task for task in asyncio.all_tasks() if task.get_name() == "group commit"]
        committer.cancel()
        await asyncio.wait({on_its_way, waiting}, timeout=60)

    assert on_its_way.cancelled()
    assert waiting.cancelled()
    assert await told(note(database, "next")) == ["next"]
    assert (await noted(database))[-1] == "next"  # of the other, the rows tell


async def test_a_transaction_has_the_connection_to_itself(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.fetch(NOTE, {"name": "begun", "value": ""})
        notes = [note(database, name) for name in ("a", "b")]
        await settled()
        await connection.fetch(NOTE, {"name": "ended", "value": ""})

    await told(*notes)
    assert await noted(database) == ["begun", "ended", "a", "b"]


async def test_a_transaction_that_is_rolled_back_takes_no_write_along(database: Database) -> None:
    notes: list[Noting] = []
    with suppress(LookupError):
        async with database.transaction() as connection:
            await connection.fetch(NOTE, {"name": "begun", "value": ""})
            notes = [note(database, name) for name in ("a", "b")]
            await settled()
            raise LookupError

    assert await told(*notes) == ["a", "b"]
    assert await noted(database) == ["a", "b"]


async def test_a_transaction_waits_for_no_more_than_the_group_before_it(
    database: Database,
) -> None:
    async def whole() -> None:
        async with database.transaction() as connection:
            await connection.fetch(NOTE, {"name": "transaction", "value": ""})

    async with held(database) as begun:
        first = note(database, "first", by=HELD)
        await begun.wait()
        transaction = asyncio.create_task(whole())
        await settled()
        last = note(database, "last")
        await settled()

    await asyncio.gather(first, transaction, last)
    assert await noted(database) == ["first", "transaction", "last"]
