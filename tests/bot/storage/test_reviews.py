"""The desk's rows: an older database's, one decision among many, and what it does to the books."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.generation import Capacity, Generation, Status
from bot.domain.limits import Limit, Period, Scope, Unit
from bot.record import replace
from bot.refusals import QueueFull
from bot.storage import backup
from bot.storage.database import MIGRATIONS, Database, newest_schema
from bot.storage.reviews import Decision, Verdict
from bot.storage.storage import Storage
from tests.bot.storage.test_migrations import GUILD, OLIVIA, older, request

DAY = Limit(Scope.USER, Unit.IMAGES, Period.DAY, 5, since=0, resets_at=99)


def fourth(path: Path) -> Path:
    """A database with rows, as the version before the desk left it."""
    older(path)
    with closing(sqlite3.connect(path)) as connection:
        for number in range(3, 5):
            [script] = (MIGRATIONS / "sqlite").glob(f"{number:04}_*.sql")
            connection.executescript(f"{script.read_text()}\npragma user_version = {number};")
    return path


def schema(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("select name from sqlite_schema where type in ('index', 'view')")
        return {name for [name] in found}


async def reserve(storage: Storage, review: str = "prompt", number: int = 9) -> Generation:
    asked = replace(request(number), review=review, private=True, publish=True)
    [row] = await storage.ledger.reserve(
        asked, now=100, price_micros=60_000, limits=[DAY], capacity=Capacity(user_waiting=1)
    )
    return row


@pytest.mark.sqlite("its older versions")
async def test_an_older_databases_rows_indexes_and_line_come_through(tmp_path: Path) -> None:
    path = fourth(tmp_path / "imagine.db")
    before = schema(path)

    async with Database.open(path, exclusive=True) as database:
        ledger = Storage.of(database, "p").ledger
        rows = [await ledger.find(f"{n}-0") for n in (1, 2, 3, 4)]
        waiting = await ledger.line()
        begun = await ledger.dispatch(["4-0"], now=2000, creates=5, capacity=Capacity())

    assert [row and row.status.value for row in rows] == [
        "delivered",
        "failed",
        "unknown",
        "queued",
    ]
    assert {row and row.request.review for row in rows} == {"off"}
    assert list(waiting) == ["4-0"]
    assert before <= schema(path)
    assert begun == []  # another process owned it; it is claimed at the start


@pytest.mark.sqlite("its older versions")
async def test_an_older_database_is_migrated_whole_or_not_at_all(tmp_path: Path) -> None:
    path = fourth(tmp_path / "imagine.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table review (id)")  # in the way
        connection.commit()

    with pytest.raises(Exception, match="review"):
        async with Database.open(path, exclusive=True):
            pass

    with closing(sqlite3.connect(path)) as connection:
        [[version]] = connection.execute("pragma user_version").fetchall()
        assert version < newest_schema()
        assert connection.execute("select count(*) from line").fetchone() == (1,)


async def test_what_waits_for_a_moderator_counts_as_waiting_and_in_the_quota(
    tmp_path: Path,
) -> None:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        storage = Storage.of(database, "p")
        row = await reserve(storage)
        counted = await storage.ledger.counted(row.request, 60_000)
        [spent] = await storage.ledger.spending.of(counted, [DAY])
        with pytest.raises(QueueFull):
            await reserve(storage, "off", 10)

    assert row.status is Status.PROPOSED
    assert spent.used == 1


async def test_a_hundred_decisions_at_once_are_one(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        reviews = (storage := Storage.of(database, "p")).reviews
        for number in range(1, 101):
            await reserve_at_desk(storage, number)

        async def twice(number: int) -> list[Verdict]:
            kinds = [Verdict.APPROVED, Verdict.REJECTED]
            done = await asyncio.gather(
                *(
                    reviews.decide(number, Status.PROPOSED, Decision(kind, 200, 70 + n, "why"))
                    for n, kind in enumerate(kinds)
                )
            )
            return [kind for kind, rows in zip(kinds, done, strict=True) if rows]

        outcomes = await asyncio.gather(*map(twice, range(1, 101)))
        said = [(await reviews.of(number))[0].verdict for number in range(1, 101)]

    assert [len(won) for won in outcomes] == [1] * 100
    assert said == [won[0] for won in outcomes]


async def reserve_at_desk(storage: Storage, number: int) -> None:
    asked = replace(request(number), review="prompt", private=True, publish=True)
    await storage.ledger.reserve(
        asked, now=100, price_micros=None, limits=[], capacity=Capacity(user_waiting=1_000)
    )


async def test_the_history_counts_approvals_and_rejections_of_this_server(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        storage = Storage.of(database, "p")
        verdicts = (Verdict.APPROVED, Verdict.SPOILER, Verdict.REJECTED, Verdict.EXPIRED)
        for number, verdict in enumerate(verdicts, 1):
            await reserve_at_desk(storage, number)
            decision = Decision(verdict, 200, 70)
            await storage.reviews.decide(number, Status.PROPOSED, decision)

        here = await storage.reviews.history(OLIVIA, GUILD)
        elsewhere = await storage.reviews.history(OLIVIA, GUILD + 1)

    assert (here, elsewhere) == ((2, 1), (0, 0))


@pytest.mark.sqlite("copies of its file")
async def test_a_restored_proposal_has_expired(tmp_path: Path) -> None:
    """It may have been approved, and bought, since the backup was made."""
    live, images = tmp_path / "live" / "imagine.db", tmp_path / "images"
    async with Database.open(live, exclusive=True) as database:
        row = await reserve(Storage.of(database, "p"))
        backup.save(live, images, tmp_path / "copy")

    restored = tmp_path / "restored" / "imagine.db"
    backup.restore(tmp_path / "copy", restored, images, force=False)

    async with Database.open(restored, exclusive=True) as database:
        found = await Storage.of(database, "p").ledger.find(row.id)
    assert found is not None
    assert (found.status, found.quota, found.budget) == (Status.EXPIRED, "released", "released")
