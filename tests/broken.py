"""A database that fails, or is listened to, where a test wants it; whichever engine it is."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import asyncpg
import pytest

from bot.storage.database import Database, Row
from bot.storage.sqlite import SqliteDatabase

_RAISING = """
create or replace function trouble() returns trigger language plpgsql as
$$ begin raise 'trouble'; end $$
"""


def sqlite(database: Database) -> SqliteDatabase:
    """The engine itself, for tests that are about it."""
    assert isinstance(database, SqliteDatabase)
    return database


@asynccontextmanager
async def elsewhere(database: Database) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """Another program's connection to a server's database."""
    [[name, folder]] = await database.read(
        "select current_database(), current_setting('unix_socket_directories')", {}
    )
    connection = await asyncpg.connect(host=folder, user="postgres", database=name)
    try:
        yield connection
    finally:
        await connection.close()


async def refuse(
    database: Database, event: str, *, on: str = "generation", when: str = "true"
) -> None:
    """From now on no such change is taken (`update of token`), as if its disk were failing."""
    if isinstance(database, SqliteDatabase):
        body = f"when {when} begin select raise(abort, 'trouble'); end"
    else:
        await database.write(_RAISING, {})
        body = f"for each row when ({when}) execute function trouble()"
    await database.write(f"create trigger trouble before {event} on {on} {body}", {})


async def accept(database: Database, *, on: str = "generation") -> None:
    """It takes them again."""
    of = "" if isinstance(database, SqliteDatabase) else f" on {on}"
    await database.write(f"drop trigger trouble{of}", {})


@asynccontextmanager
async def refusing(database: Database, event: str, **about: str) -> AsyncIterator[None]:
    await refuse(database, event, **about)
    try:
        yield
    finally:
        await accept(database, **{key: about[key] for key in about if key == "on"})


@asynccontextmanager
async def unreadable(database: Database, column: str = "") -> AsyncIterator[None]:
    """Meanwhile it refuses every read (of this column), as if its disk were failing."""
    if isinstance(database, SqliteDatabase):
        await database.reader.set_authorizer(_denying(column))
        yield
        await database.reader.set_authorizer(None)
        return
    read = database.read

    async def refused(statement: str, values: Mapping[str, object]) -> list[Row]:
        if column in statement:
            raise OSError("the disk fails")
        return await read(statement, values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "read", refused)
        yield


def _denying(column: str) -> Callable[..., int]:
    def judge(action: int, table: str, read: str, *_: str) -> int:
        return sqlite3.SQLITE_DENY if column in ("", read) else sqlite3.SQLITE_OK

    return judge


@asynccontextmanager
async def overheard(database: Database, hear: Callable[[str], None]) -> AsyncIterator[None]:
    """`hear` is told every statement as it begins; by SQLite's thread."""
    if isinstance(database, SqliteDatabase):
        for connection in (database._writer, database.reader):
            await connection.set_trace_callback(hear)
        yield
        return
    from bot.storage.postgres import Connection

    read = Connection.read

    async def heard(self: Connection, statement: str, values: Mapping[str, object]) -> list[Row]:
        hear(statement)
        return await read(self, statement, values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "read", heard)
        yield
