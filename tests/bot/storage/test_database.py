"""The file: locked, migrated, refused when it cannot be trusted."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pytest

from bot.errors import ConfigError, StorageError
from bot.settings.address import Server
from bot.storage import database
from bot.storage.database import Database


@pytest.mark.sqlite("its lock")
async def test_a_second_owner_of_the_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "imagine.db"
    async with Database.open(path, exclusive=True):
        with pytest.raises(StorageError, match="Another process is using this database"):
            async with Database.open(path, exclusive=True):
                pass


async def test_reading_works_while_the_bot_runs(tmp_path: Path) -> None:
    path = tmp_path / "imagine.db"
    async with Database.open(path, exclusive=True), Database.open(path, exclusive=False) as other:
        assert await other.schema_version() == database.newest_schema()


async def test_the_lock_ends_with_its_owner(tmp_path: Path) -> None:
    for _ in range(2):
        async with Database.open(tmp_path / "imagine.db", exclusive=True):
            pass


@pytest.mark.sqlite("its version")
@pytest.mark.fault(
    "an older version is started on a newer database",
    sees="the operator: upgrade or restore",
    charged="nothing",
)
async def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "imagine.db"
    async with Database.open(path, exclusive=True):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("pragma user_version = 999")
    connection.close()

    with pytest.raises(StorageError, match="newer version"):
        async with Database.open(path, exclusive=True):
            pass


async def test_a_missing_file_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no database yet"):
        async with Database.open(tmp_path / "imagine.db", exclusive=False):
            pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite("its file")
@pytest.mark.fault(
    "the database file is something else",
    sees="the operator: it is not a database",
    charged="nothing",
)
async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "imagine.db"
    path.write_bytes(b"not a database, but long enough to be read as one" * 100)

    with pytest.raises(StorageError, match="not a database"):
        async with Database.open(path, exclusive=True):
            pass


@pytest.mark.sqlite("its migrations")
async def test_a_migration_that_fails_leaves_nothing_behind(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / "migrations" / "sqlite"
    folder.mkdir(parents=True)
    for script in (database.MIGRATIONS / "sqlite").iterdir():
        (folder / script.name).write_text(script.read_text())
    (folder / "0099_broken.sql").write_text("create table half (x); create table half (x);")
    original, database.MIGRATIONS = database.MIGRATIONS, folder.parent
    request.addfinalizer(lambda: setattr(database, "MIGRATIONS", original))

    with pytest.raises(StorageError):
        async with Database.open(tmp_path / "imagine.db", exclusive=True):
            pass

    with sqlite3.connect(tmp_path / "imagine.db") as connection:
        tables = connection.execute("select name from sqlite_master where name = 'half'").fetchall()
        [version] = connection.execute("pragma user_version").fetchone()
    connection.close()
    assert tables == []
    assert version == max(int(p.name[:4]) for p in (original / "sqlite").iterdir())


@pytest.mark.sqlite("its pragmas")
async def test_money_is_written_with_full_synchronisation_in_wal(tmp_path: Path) -> None:
    async with (
        Database.open(tmp_path / "imagine.db", exclusive=True) as opened,
        opened.transaction() as connection,
    ):
        [[synchronous]] = await connection.fetch("pragma synchronous", {})
        [[journal]] = await connection.fetch("pragma journal_mode", {})
    assert (synchronous, journal) == (2, "wal")


@pytest.mark.fault(
    "DATABASE_URL names a server, and the driver is not installed",
    sees="nothing: the bot does not start, and says what to install",
    charged="nothing",
)
async def test_a_server_without_its_driver_is_a_problem_of_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)

    with pytest.raises(ConfigError) as caught:
        async with Database.open(Server("postgresql://u:made-up@h/d"), exclusive=True):
            pass

    [problem] = caught.value.problems
    assert problem.key == "DATABASE_URL"
    assert "pip install '.[postgres]'" in problem.remedy
