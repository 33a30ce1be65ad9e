"""Trouble with the disk or the file: told apart, with a remedy, and nothing half recorded."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.storage import trouble
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from tests.broken import sqlite

pytestmark = pytest.mark.sqlite("what its own errors mean")

BIG = "x" * 1_000_000


async def both(database: Database, *facts: tuple[str, str | None]) -> None:
    """Record them in one transaction."""
    async with database.transaction() as connection:
        for fact in facts:
            await connection.fetch(
                "insert into fact values (:name, :value)",
                dict(zip(("name", "value"), fact, strict=True)),
            )


@pytest.mark.fault(
    "the disk fills up within a transaction",
    sees="the operator: the disk is full",
    charged="nothing",
)
async def test_a_full_disk_is_named_and_nothing_of_the_transaction_is_recorded(
    tmp_path: Path,
) -> None:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        ledger = Ledger(database)
        [pages] = await sqlite(database)._writer.execute_fetchall("pragma page_count")
        await sqlite(database)._writer.execute_fetchall(f"pragma max_page_count = {pages[0]}")
        with pytest.raises(StorageError, match="The disk is full") as caught:
            await both(database, ("before", "y"), ("big", BIG))
        await sqlite(database)._writer.execute_fetchall("pragma max_page_count = 1000000")

        assert "IMAGE_RETENTION_DAYS" in caught.value.remedy
        assert await ledger.facts.read("before") is None
        await ledger.facts.write("after", "z")  # and it goes on once there is room
        assert await ledger.facts.read("after") == "z"


@pytest.mark.fault(
    "the database turns read-only while the bot runs",
    sees="the operator: it is read-only",
    charged="nothing",
)
async def test_a_database_that_turns_read_only_is_named(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        await sqlite(database)._writer.execute_fetchall("pragma query_only = on")
        with pytest.raises(StorageError, match="read-only"):
            await Ledger(database).facts.write("a", "b")


@pytest.mark.fault(
    "another program holds the database's lock",
    sees="the operator: it is locked",
    charged="nothing",
)
async def test_a_lock_that_outlasts_our_patience_is_named(tmp_path: Path) -> None:
    path = tmp_path / "imagine.db"
    async with Database.open(path, exclusive=True) as database:
        await sqlite(database)._writer.execute_fetchall("pragma busy_timeout = 20")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(StorageError, match="locked: another program"):
            await Ledger(database).facts.write("a", "b")
        other.close()

        await Ledger(database).facts.write("a", "b")


@pytest.mark.fault(
    "the database file is damaged at the start",
    sees="the operator: restore the backup",
    charged="nothing",
)
async def test_damage_is_found_at_the_start_and_the_backup_is_named(tmp_path: Path) -> None:
    path = tmp_path / "imagine.db"
    async with Database.open(path, exclusive=True) as database:
        for number in range(300):
            await Ledger(database).facts.write(f"fact {number}", "x" * 200)
    whole = path.read_bytes()
    path.write_bytes(whole[:-8192] + b"\xa5" * 8192)

    with pytest.raises(StorageError, match="damaged") as caught:
        async with Database.open(path, exclusive=True):
            pass
    assert "python -m bot restore" in caught.value.remedy


@pytest.mark.fault(
    "the database file is damaged while the bot runs",
    sees="the operator: restore the backup",
    charged="nothing",
)
async def test_damage_that_is_met_later_is_named(tmp_path: Path) -> None:
    path = tmp_path / "imagine.db"
    async with Database.open(path, exclusive=True) as database:
        for number in range(300):
            await Ledger(database).facts.write(f"fact {number}", "x" * 200)
    async with Database.open(path, exclusive=True) as database:
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (path.stat().st_size - 4096))
        await sqlite(database)._writer.execute_fetchall(
            "pragma shrink_memory"
        )  # forget what was read
        with pytest.raises(StorageError, match="damaged"):
            async with database.transaction() as connection:
                await connection.fetch("select * from fact order by value", {})


async def test_a_folder_in_the_databases_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "imagine.db").mkdir()
    with pytest.raises(StorageError, match="cannot be opened"):
        async with Database.open(tmp_path / "imagine.db", exclusive=True):
            pass


async def test_a_mistake_in_a_statement_is_not_blamed_on_the_disk(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            async with database.transaction() as connection:
                await connection.fetch("insert into nowhere values (1)", {})
        with pytest.raises(sqlite3.IntegrityError):
            await both(database, ("a", "b"), ("a", None))


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (errno.ENOSPC, "full"),
        (errno.EDQUOT, "full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "read-only"),
        (errno.EIO, "refuses"),
        (errno.ENOENT, None),
    ],
)
def test_the_operating_systems_errors_mean_the_same(code: int, word: str | None) -> None:
    known = trouble.explained(OSError(code, "as the system says it"))
    assert (known is None) if word is None else (known is not None and word in known.what)
