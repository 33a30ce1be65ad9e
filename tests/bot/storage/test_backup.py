"""Backups: consistent while the bot writes, checked, and put back without losing or rebuying."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.domain.generation import Generation, Request, Status
from bot.errors import StorageError
from bot.storage import backup
from bot.storage.backup import restore, save
from bot.storage.database import Database, newest_schema
from bot.storage.ledger import Ledger
from tests.bot.command import ROOT, imagine
from tests.custody import begun
from tests.turns import PLENTY, dispatch

pytestmark = pytest.mark.sqlite("copies of its file")


def request(number: int) -> Request:
    return Request(
        interaction_id=number,
        application_id=1,
        guild_id=2,
        channel_id=3,
        user_id=4,
        model="google/imagen-4-ultra",
        prompt=f"a red fox, {number}",
        options={},
        token="interaction-token",
        token_expires_at=0,
        size_limit=10_000_000,
    )


async def reserve(ledger: Ledger, number: int) -> Generation:
    [row] = await ledger.reserve(
        request(number),
        now=1000 + number,
        price_micros=None,
        limits=(),
        capacity=PLENTY,
    )
    return row


class Place:
    """A data folder and a place for backups."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "data" / "imagine.db"
        self.images = folder / "data" / "images"
        self.to = folder / "backups" / "monday"

    async def fill(self, count: int) -> None:
        """A database with generations, each of which has its image."""
        async with Database.open(self.database, exclusive=True) as database:
            for number in range(count):
                await reserve(Ledger(database), number)
        self.images.mkdir(exist_ok=True)
        for number in range(count):
            (self.images / f"{number}-0.png").write_bytes(b"picture %d" % number)

    def save(self) -> backup.Contents:
        return save(self.database, self.images, self.to)

    def restore(self, *, force: bool = False) -> Path | None:
        return restore(self.to, self.database, self.images, force=force)[1]

    def rows(self, path: Path | None = None) -> list[Any]:
        with closing(sqlite3.connect(path or self.database)) as connection:
            return connection.execute("select id, status from generation order by id").fetchall()

    @property
    def left_over(self) -> list[str]:
        """Files that no operator should ever find."""
        every = (file.name for file in self.folder.rglob("*"))
        return [name for name in every if name.endswith((".part", ".restoring"))]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


async def test_a_backup_made_while_the_bot_writes_is_one_consistent_moment(place: Place) -> None:
    """Both facts are written in one transaction, so at no moment do they differ."""
    await place.fill(50)
    async with Database.open(place.database, exclusive=True) as database:
        written, enough = 0, asyncio.Event()

        async def write() -> None:
            nonlocal written
            while not enough.is_set():
                written += 1
                async with database.transaction() as connection:
                    for name in ("left", "right"):
                        await connection.fetch(
                            "insert into fact values (:name, :value) on conflict (name)"
                            " do update set value = excluded.value",
                            {"name": name, "value": str(written)},
                        )

        writing = asyncio.create_task(write())
        outcome = await imagine(place.folder, "backup", str(place.to))
        enough.set()
        await writing

    assert outcome.code == 0, outcome.err
    assert "Saved 50 generations and 50 images" in outcome.out
    with closing(sqlite3.connect(place.to / "imagine.db")) as copy:
        facts = dict(copy.execute("select name, value from fact"))
        assert copy.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert facts["left"] == facts["right"]
    assert 0 < int(facts["left"]) < written  # it was made in the midst of it
    assert len(list((place.to / "images").iterdir())) == 50


async def test_what_was_saved_comes_back_by_the_command_line(place: Place) -> None:
    await place.fill(3)
    assert (await imagine(place.folder, "backup", "copy")).code == 0
    before = place.rows()
    for file in [*place.images.iterdir(), *place.database.parent.glob("imagine.db*")]:
        file.unlink()

    outcome = await imagine(place.folder, "restore", "copy")

    assert (outcome.code, outcome.err) == (0, "")
    assert "Restored 3 generations and 3 images" in outcome.out
    assert [row[0] for row in place.rows()] == [row[0] for row in before]
    assert (place.images / "2-0.png").read_bytes() == b"picture 2"
    async with Database.open(place.database, exclusive=True) as database:
        assert len(await begun(Ledger(database))) == 3


@pytest.mark.fault(
    "a backup with queued rows is restored",
    sees="the image, if it was bought since",
    charged="at most once",
)
async def test_what_was_queued_then_is_looked_up_and_not_bought_again(place: Place) -> None:
    """Since the backup was made it may have been bought: only the provider knows."""
    async with Database.open(place.database, exclusive=True) as database:
        ledger = Ledger(database)
        queued = await reserve(ledger, 1)
        started = await dispatch(ledger, await reserve(ledger, 2), now=5000)
        assert started is not None
        await ledger.attach(started, "p1")
    place.save()
    place.restore(force=True)

    async with Database.open(place.database, exclusive=True) as database:
        ledger = Ledger(database)
        again, running = await begun(ledger)
        assert (again.status, again.submitted_at) == (Status.SUBMITTING, queued.created_at)
        assert (running.status, running.prediction_id) == (Status.RUNNING, "p1")
        assert await dispatch(ledger, again, now=6000) is None


async def test_a_backup_overwrites_nothing(place: Place) -> None:
    await place.fill(1)
    place.to.mkdir(parents=True)
    with pytest.raises(StorageError, match="is there already"):
        place.save()
    assert list(place.to.iterdir()) == []


async def test_a_backup_is_for_its_owners_eyes(place: Place) -> None:
    await place.fill(1)
    place.save()
    assert stat.S_IMODE(place.to.stat().st_mode) == 0o700


async def test_drafts_and_thumbnails_are_not_backed_up(place: Place) -> None:
    await place.fill(1)
    (place.images / "7-0.png.part").write_bytes(b"half")
    (place.images / "0-0.png.small.webp").write_bytes(b"small")
    assert place.save().images == 1
    assert place.left_over == ["7-0.png.part"]


def test_there_is_no_backup_of_what_is_not_there(place: Place) -> None:
    with pytest.raises(StorageError, match="no database yet"):
        place.save()
    assert list(place.folder.iterdir()) == []


@pytest.mark.fault(
    "a damaged database is backed up", sees="the operator: it is damaged", charged="nothing"
)
async def test_a_damaged_database_gives_no_backup(place: Place) -> None:
    await place.fill(300)
    whole = place.database.read_bytes()
    place.database.write_bytes(whole[:8192] + b"\xa5" * (len(whole) - 8192))
    with pytest.raises(StorageError, match="damaged"):
        place.save()
    assert (place.to.exists(), place.left_over) == (False, [])


@pytest.mark.skipif(os.name != "posix", reason="only POSIX limits the size of files")
@pytest.mark.fault(
    "the disk fills up during a backup",
    sees="the operator: the backup was not made",
    charged="nothing",
)
async def test_a_disk_that_fills_up_leaves_no_half_backup(place: Place) -> None:
    await place.fill(1000)
    program = (
        "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000));"
        "runpy.run_module('bot', run_name='__main__', alter_sys=True)"
    )
    ended = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", program, "backup", str(place.to)),
        cwd=place.folder,
        env={"PYTHONPATH": str(ROOT)},
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await ended.communicate()
    assert ended.returncode == 1
    assert b"The backup was not made." in errors
    assert b"Traceback" not in errors
    assert (place.to.exists(), place.left_over) == (False, [])


async def test_nothing_is_restored_while_the_bot_runs(place: Place) -> None:
    await place.fill(1)
    place.save()
    async with Database.open(place.database, exclusive=True):
        outcome = await imagine(place.folder, "restore", str(place.to), "--force")
    assert outcome.code == 1
    assert "Another process is using this database" in outcome.err
    assert len(place.rows()) == 1


async def test_a_database_with_generations_is_replaced_only_by_force_and_kept(
    place: Place,
) -> None:
    await place.fill(1)
    place.save()
    await place.fill(0)
    async with Database.open(place.database, exclusive=True) as database:
        await reserve(Ledger(database), 2)

    with pytest.raises(StorageError, match="already, with 2 generations"):
        place.restore()
    assert len(place.rows()) == 2
    kept = place.restore(force=True)

    assert kept is not None
    assert (len(place.rows()), len(place.rows(kept))) == (1, 2)
    assert place.left_over == []


async def test_an_empty_database_needs_no_force(place: Place) -> None:
    await place.fill(2)
    place.save()
    for file in place.database.parent.glob("imagine.db*"):
        file.unlink()
    await place.fill(0)
    place.restore()
    assert len(place.rows()) == 2


async def test_a_damaged_database_is_kept_as_it_is_and_replaced_by_force(place: Place) -> None:
    await place.fill(2)
    place.save()
    place.database.write_bytes(b"\xa5" * 10_000)

    with pytest.raises(StorageError, match="There is a database already"):
        place.restore()
    kept = place.restore(force=True)

    assert kept is not None
    assert kept.read_bytes() == b"\xa5" * 10_000
    assert len(place.rows()) == 2


@pytest.mark.fault(
    "a backup is restored beside a lost database's log", sees="the backup's rows", charged="nothing"
)
async def test_the_log_of_a_lost_database_is_not_played_into_the_restored_one(
    place: Place,
) -> None:
    await place.fill(1)
    place.save()
    log = place.database.with_name("imagine.db-wal")
    async with Database.open(place.database, exclusive=True) as database:
        await reserve(Ledger(database), 2)
        left = log.read_bytes()
    assert left
    place.database.unlink()
    log.write_bytes(left)  # as a crash and a deleted file leave it

    place.restore()

    assert place.rows() == [("0-0", "submitting")]


def unusable(kind: str) -> pytest.MarkDecorator:
    what = f"a backup that is restored is unusable: {kind}"
    return pytest.mark.fault(what, sees="the operator: nothing was replaced", charged="nothing")


def spoil(place: Place, kind: str) -> None:
    file = place.to / "imagine.db"
    if kind == "damaged":
        whole = file.read_bytes()
        file.write_bytes(whole[:8192] + b"\xa5" * (len(whole) - 8192))
    elif kind == "missing":
        file.unlink()
    elif kind == "a hand-made copy":
        (place.to / "imagine.db-wal").write_bytes(b"log")
    else:
        with closing(sqlite3.connect(file)) as connection:
            if kind == "newer":
                connection.execute(f"pragma user_version = {newest_schema() + 1}")
            else:
                connection.execute("drop table generation")
            connection.commit()


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        pytest.param("damaged", "damaged", marks=unusable("damaged")),
        pytest.param("missing", "There is no imagine.db", marks=unusable("missing")),
        pytest.param("newer", "newer version", marks=unusable("newer")),
        pytest.param(
            "another program's", "not a database of Imagine", marks=unusable("another program's")
        ),
        pytest.param("a hand-made copy", "not a backup", marks=unusable("a hand-made copy")),
    ],
)
async def test_a_backup_that_is_not_usable_replaces_nothing(
    place: Place, kind: str, says: str
) -> None:
    await place.fill(300)
    place.save()
    spoil(place, kind)
    before = place.database.read_bytes()

    with pytest.raises(StorageError, match=says):
        place.restore(force=True)

    assert place.database.read_bytes() == before
    assert [file.name for file in place.database.parent.glob("imagine.db.2*")] == []
    assert place.left_over == []


async def test_looking_at_a_backup_leaves_nothing_in_it(place: Place) -> None:
    await place.fill(1)
    place.save()
    place.restore(force=True)
    assert sorted(file.name for file in place.to.iterdir()) == ["images", "imagine.db"]


async def test_images_that_are_there_are_not_overwritten(place: Place) -> None:
    await place.fill(1)
    place.save()
    (place.images / "0-0.png").write_bytes(b"newer")
    place.restore(force=True)
    assert (place.images / "0-0.png").read_bytes() == b"newer"
