"""One SQLite file: opened with the pragmas that money needs, migrated, locked, in transactions."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiosqlite
from filelock import FileLock, Timeout

from bot.errors import NoDatabaseYet, StorageError
from bot.storage import trouble
from bot.storage.database import (
    Database,
    Row,
    Transaction,
    newest_schema,
    require_current,
    scripts,
)
from bot.storage.group import Group, Rows, Statement

#: How long a statement waits for another process's lock before it fails (`check` and `usage` read
#: while the bot writes; its transactions take a few milliseconds).
BUSY_TIMEOUT_MS = 5_000
#: Largest file that is checked for damage at every start: measured at 8 ms a MiB, so half a second
#: at most (64 MiB are about 130,000 generations). A backup checks a larger one.
CHECKED_BYTES = 64 << 20

_PRAGMAS = (
    "pragma journal_mode = wal",
    # With NORMAL a power cut can roll back the recorded intent to buy.
    "pragma synchronous = full",
    "pragma foreign_keys = on",
    f"pragma busy_timeout = {BUSY_TIMEOUT_MS}",
    # What is erased is overwritten, not only unlinked.
    "pragma secure_delete = on",
)


class Connection(aiosqlite.Connection):
    """aiosqlite's, made as its `connect` does; and several statements in one trip to its thread."""

    def __init__(self, path: Path) -> None:
        super().__init__(lambda: sqlite3.connect(path, isolation_level=None), iter_chunk_size=64)

    async def fetch(self, statement: str, values: Mapping[str, object]) -> Sequence[Row]:
        return list(await self.execute_fetchall(statement, values))

    async def run_together(self, statements: Sequence[Statement]) -> list[Rows | Exception]:
        """What became of each, as `Group` wants it."""
        outcomes: list[Rows | Exception] = await self._execute(  # type: ignore[no-untyped-call] # theirs
            together, self._conn, statements
        )
        return outcomes


def together(
    connection: sqlite3.Connection, statements: Sequence[Statement]
) -> list[Rows | Exception]:
    """In their order, in one transaction; where one fails, each in a transaction of its own.

    So no failure is a neighbour's: a full disk rolls back all that was written beside it. Raises
    what is no statement's fault, such as another program's lock.
    """
    if len(statements) == 1:
        return [_alone(connection, statements[0])]
    connection.execute("begin immediate")
    try:
        rows: list[Rows | Exception] = [
            connection.execute(*statement).fetchall() for statement in statements
        ]
        connection.commit()
    except Exception:  # noqa: BLE001 - whose it was, each learns below
        connection.rollback()
        return [_alone(connection, statement) for statement in statements]
    return rows


def _alone(connection: sqlite3.Connection, statement: Statement) -> Rows | Exception:
    """Outside a transaction, a statement commits by itself."""
    try:
        return connection.execute(*statement).fetchall()
    except Exception as error:  # noqa: BLE001 - raised where the statement came from
        connection.rollback()
        return error


class SqliteDatabase(Database):
    """A write connection with one transaction at a time, and a second one for reading.

    Tasks that share a connection would step into one another's transactions, hence the lock.
    """

    def __init__(self, writer: Connection, reader: Connection) -> None:
        self._writer = writer
        self._turn = asyncio.Lock()
        self._group = Group(writer.run_together, self._turn)
        self.reader = reader

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """As declared.

        `begin` stands inside the `try`, since a task cancelled while it waits for `begin` still
        gets its transaction opened by the connection's thread. Statements run in the order they
        were queued, so the rollback is done before the next transaction's `begin`.
        """
        async with self._turn:
            try:
                await self._writer.execute_fetchall("begin immediate")
                yield self._writer
                await self._writer.commit()
            except BaseException as error:  # a cancelled task is not an Exception
                await asyncio.shield(self._writer.rollback())
                known = trouble.explained(error) if isinstance(error, sqlite3.Error) else None
                if known is not None:
                    raise known from error
                raise

    async def write(self, statement: str, values: Mapping[str, object]) -> list[Row]:
        try:
            return await self._group.write((statement, values))
        except sqlite3.Error as error:
            raise trouble.explained(error) or error from error

    async def read(self, statement: str, values: Mapping[str, object]) -> list[Row]:
        return list(await self.reader.execute_fetchall(statement, values))

    async def checkpoint(self) -> bool:
        """Move the log into the file: until then it still holds pages as they were before.

        False: somebody is reading an older state, so not now. Nobody's write waits for that.
        """
        async with self._turn:
            await self._writer.execute_fetchall("pragma busy_timeout = 0")
            try:
                [done] = await self._writer.execute_fetchall("pragma wal_checkpoint(truncate)")
            finally:
                timeout = f"pragma busy_timeout = {BUSY_TIMEOUT_MS}"
                await asyncio.shield(self._writer.execute_fetchall(timeout))
        return bool(done[0] == 0)

    async def schema_version(self) -> int:
        return await _version(self.reader)


@asynccontextmanager
async def opened(path: Path, *, exclusive: bool) -> AsyncIterator[SqliteDatabase]:
    """See `Database.open`."""
    async with AsyncExitStack() as stack:
        try:
            if exclusive:
                stack.callback(lock(path).release)
            await asyncio.to_thread(_probe, path, create=exclusive)
            writer = await stack.enter_async_context(_connection(path))
            if exclusive:
                await _migrate(writer)
                await _prove(writer)
            else:
                require_current(await _version(writer))
            reader = await stack.enter_async_context(_connection(path))
        except (sqlite3.Error, OSError) as error:
            raise trouble.explained(error) or StorageError(
                f"The database cannot be opened ({error}).",
                "Check DATABASE_URL, the folder's permissions and the free space.",
            ) from error
        yield SqliteDatabase(writer, reader)


@asynccontextmanager
async def _connection(path: Path) -> AsyncIterator[Connection]:
    connection = Connection(path)
    async with connection:
        connection.row_factory = sqlite3.Row
        # What erasure puts in the place of an id: PostgreSQL's schema has a function of that name.
        await connection.create_function("some_number", 0, _some_number)
        await connection.executescript("; ".join(_PRAGMAS))
        yield connection


def _some_number() -> int:
    return 1 + secrets.randbits(62)


def _probe(path: Path, *, create: bool) -> None:
    """Fail early, in this thread: a failed open leaves aiosqlite's own thread behind."""
    if not create and not path.exists():
        raise NoDatabaseYet
    sqlite3.connect(path).close()


def lock(path: Path) -> FileLock:
    """Take the lock file beside `path`, or say that somebody has it (StorageError)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    taken = FileLock(path.with_name(path.name + ".lock"))
    try:
        taken.acquire(timeout=0)
    except Timeout:
        raise StorageError(
            "Another process is using this database.",
            "Stop it first, or give this one another DATA_DIR.",
        ) from None
    return taken


async def _version(connection: aiosqlite.Connection) -> int:
    [row] = await connection.execute_fetchall("pragma user_version")
    return int(row[0])


async def _migrate(connection: aiosqlite.Connection) -> None:
    """Apply what is missing; each script and its record commit together or not at all."""
    version = await _version(connection)
    for number, script in scripts("sqlite").items():
        if number > version:
            text = script.read_text(encoding="utf-8")
            try:
                await connection.executescript(
                    f"begin immediate;\n{text}\npragma user_version = {number};\ncommit;"
                )
            except BaseException:
                await asyncio.shield(connection.rollback())
                raise
    require_current(await _version(connection))


async def _prove(connection: aiosqlite.Connection) -> None:
    """Find damage, and a disk that takes no writes, before anybody is promised an image."""
    [size] = await connection.execute_fetchall(
        "select page_count * page_size from pragma_page_count, pragma_page_size"
    )
    if size[0] <= CHECKED_BYTES:
        [row] = await connection.execute_fetchall("pragma quick_check(1)")
        if row[0] != "ok":
            raise trouble.damaged(str(row[0]))
    await connection.executescript(
        f"begin immediate; pragma user_version = {newest_schema()}; commit;"
    )
