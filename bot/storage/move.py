"""From a SQLite file to a PostgreSQL server: every row and every image, in one transaction there.

It is committed only once both sides add up. Of the source nothing is changed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from bot.domain.act import Chain
from bot.errors import StorageError
from bot.record import Record, State, field
from bot.settings.address import Server
from bot.storage import outages
from bot.storage.audit import Audit
from bot.storage.database import Database, Reader
from bot.storage.image_move import Images, move_images
from bot.storage.postgres import WRITING, Connection, opened
from bot.storage.sqlite import SqliteDatabase, lock

#: Rows in memory at once, and between two trips to SQLite's thread.
BATCH = 1_000
_SESSION = {
    "application_name": "imagine migrate",
    "synchronous_commit": "on",
    # A large table takes as long as it takes; only for what somebody else holds we do not wait.
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": "30s",
    "TimeZone": "UTC",
}
#: What a new database has, and one that a bot was once started with.
_FRESH = frozenset({"schema_version", "fact"})

_TABLES = "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'"
_COLUMNS = "select name from pragma_table_info(:table) order by cid"
_OURS = """
select table_name from information_schema.tables
where table_schema = current_schema() and table_type = 'BASE TABLE' order by 1
"""
_RUNNING = """
select count(*) from pg_stat_activity
where datname = current_database() and application_name = 'imagine'
"""
#: The same words in both: what there is of each kind, in numbers that money hangs on.
_SUMS = """
select
    status || ': quota ' || quota || ', budget ' || budget as kind,
    count(*)                          as found,
    cast(sum(images) as bigint)       as images,
    cast(sum(counted) as bigint)      as counted,
    cast(sum(price_micros) as bigint) as price_micros,
    cast(sum(cost_micros) as bigint)  as cost_micros,
    cast(sum(compute_ms) as bigint)   as compute_ms
from generation group by status, quota, budget
union all
select
    'improvement ' || status, count(*), null, null, cast(sum(price_micros) as bigint), null, null
from improvement group by status
order by 1
"""


class Sums(Record):
    """Of one kind of rows, the same on both sides; money in micro-dollars, time in milliseconds."""

    kind: str
    rows: int
    images: int | None
    counted: int | None
    price_micros: int | None
    cost_micros: int | None
    compute_ms: int | None


class Moved(State):
    """What was moved. `nulls`: rows with a null character, for which PostgreSQL has no room."""

    tables: dict[str, int] = field(default_factory=dict)
    sums: Sequence[Sums] = ()
    chains: int = 0
    images: Images = field(default_factory=Images)
    nulls: int = 0


async def move(
    source: Path, target: Server, images: Path, said: Callable[[str], None] = print
) -> Moved:
    """Copy all of it, while no bot runs on either side; `said` hears how far it is.

    Raises StorageError, and then the target has no row of it: a side is in use, or in trouble, the
    target is not empty, the schema is another version's, or what was copied does not add up.
    """
    async with _held(source) as database, _begun(target) as connection:
        await _require_empty(connection)
        moved = Moved()
        for [table] in await database.read(_TABLES, {}):
            moved.tables[table] = await _copied(database, connection, table, moved)
            if moved.tables[table]:
                said(f"{table}: {moved.tables[table]:,} rows")
        moved.images = await move_images(database, connection, images, said)
        moved.sums = await _added_up(database, connection)
        moved.chains = await _followed(database, connection)
    return moved


@asynccontextmanager
async def _held(path: Path) -> AsyncIterator[SqliteDatabase]:
    """Nobody writes to it meanwhile, nor do we."""
    if not await asyncio.to_thread(path.exists):
        raise StorageError(f"There is no database at {path}.", "Check --from and DATA_DIR.")
    held = lock(path)
    try:
        async with Database.open(path, exclusive=False) as database:
            if not isinstance(database, SqliteDatabase):
                raise TypeError
            async with database.transaction():
                yield database
    finally:
        held.release()


@asynccontextmanager
async def _begun(target: Server) -> AsyncIterator[Connection]:
    """Its schema is ours, and everything else is in one transaction, which nobody writes beside."""
    try:
        connection = await asyncpg.connect(
            target.url, connection_class=Connection, server_settings=_SESSION
        )
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise outages.unreachable(error) from error
    try:
        if await connection.fetchval(_RUNNING):
            raise StorageError("A bot is running on the target.", "Stop it first.")
        async with opened(target, exclusive=True):
            pass  # brought up to date
        async with connection.transaction():
            await connection.execute(f"select pg_advisory_xact_lock({WRITING})")
            yield connection
        await connection.execute("analyze")
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise outages.explained(error) or error from error
    finally:
        await connection.close(timeout=5)


async def _require_empty(connection: Connection) -> None:
    for [table] in await connection.fetch(_OURS):
        statement = f"select exists ({_select('*', table)})"
        if table not in _FRESH and await connection.fetchval(statement):
            remedy = "Move into an empty database (createdb makes one)."
            raise StorageError(f"The target has rows already, in {table}.", remedy)
    await connection.execute("delete from fact")


def _select(columns: str, table: str) -> str:
    return f'select {columns} from "{table}"'  # noqa: S608 - names of our own


async def _copied(source: SqliteDatabase, target: Connection, table: str, moved: Moved) -> int:
    """How many rows. Raises StorageError where the target has not exactly what the source has."""
    found = await source.read(_COLUMNS, {"table": table})
    columns = [str(row[0]) for row in found]
    named = ", ".join(f'"{name}"' for name in columns)
    sent, arrived = _Tally(), _Tally()

    async def rows() -> AsyncIterator[Sequence[object]]:
        async for row in _rows(source, _select(named, table)):
            values = _writable(row, moved)
            sent.add(values)
            yield values

    await target.copy_records_to_table(table, records=rows(), columns=columns)
    async for record in target.cursor(_select(named, table), prefetch=BATCH):
        arrived.add(tuple(record.values()))
    _require_equal(table, sent, arrived)
    return sent.rows


async def _rows(source: SqliteDatabase, statement: str) -> AsyncIterator[Sequence[Any]]:
    async with source.reader.execute(statement) as cursor:
        while found := await cursor.fetchmany(BATCH):
            for row in found:
                yield tuple(row)


def _writable(row: Sequence[Any], moved: Moved) -> Sequence[Any]:
    """PostgreSQL's text holds no null character, which a prompt may; what is hashed has none."""
    if not any(isinstance(value, str) and "\0" in value for value in row):
        return row
    moved.nulls += 1
    return [each.replace("\0", "\ufffd") if isinstance(each, str) else each for each in row]


class _Tally(State, eq=True):
    """Of rows in any order: how many, and a sum of hashes of all that is in them."""

    rows: int = 0
    hashes: int = 0

    def add(self, row: Sequence[object]) -> None:
        written = repr(tuple(row)).encode("utf-8", "surrogatepass")
        self.rows += 1
        self.hashes += int.from_bytes(hashlib.blake2b(written, digest_size=16).digest())


async def _added_up(source: Database, target: Connection) -> list[Sums]:
    sides: tuple[Reader, Reader] = (source, target)
    both = [await each.read(_SUMS, {}) for each in sides]
    ours, theirs = ([Sums(*row) for row in found] for found in both)
    _require_equal("generation", sorted(ours, key=_kind), sorted(theirs, key=_kind))
    return sorted(ours, key=_kind)


def _kind(sums: Sums) -> str:
    return sums.kind


async def _followed(source: Database, target: Connection) -> int:
    """How many records of acts are whole; one that is broken here is there, at the same entry."""
    ours, theirs = await _chains(source), await _chains(target)
    _require_equal("audit", ours, theirs)
    return sum(each.broken is None for each in ours)


async def _chains(database: Reader) -> list[Chain]:
    return [each async for each in Audit(database).chains()]


def _require_equal(what: str, source: object, target: object) -> None:
    if source != target:
        remedy = "Nothing was moved. Try again; if it stays so, please report it."
        raise StorageError(f"What was copied of {what} is not what is there.", remedy)
