"""A PostgreSQL database, which several processes share: one lock makes all writes take turns."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

from bot.errors import StorageError
from bot.settings.address import Server
from bot.storage import outages
from bot.storage.database import Database, Row, Transaction, require_current, scripts
from bot.storage.dialect import translated
from bot.storage.group import Group, Rows, Statement
from bot.storage.pieces import Pieces
from bot.storage.restored import settle_in

log = logging.getLogger(__name__)

#: Whoever writes holds this until it has committed. READ COMMITTED alone overspends: 64 that
#: reserve at once against room for 10 were seen to get 20 to 61.
WRITING = 0x696D6167696E65
#: How long a write waits for its turn, and a statement for its end.
TURN_SECONDS = 5
STATEMENT_SECONDS = 20
#: A process that is frozen while it writes holds everybody up for so long, then it is cut off.
FROZEN_SECONDS = 3
#: Connections of a process: one writes, the others read.
MOST_CONNECTIONS = 5
#: Of those, what carries images: reading for a person must not wait until one has gone through.
CARRYING = 2

_SESSION = {
    "application_name": "imagine",
    # What was paid for is on the disk when a commit returns, whatever the server's default.
    "synchronous_commit": "on",
    "lock_timeout": f"{TURN_SECONDS}s",
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{FROZEN_SECONDS}s",
    "TimeZone": "UTC",
}
#: The lock is a statement of its own: what is counted after it is what is committed then.
_BEGIN = f"begin; select pg_advisory_xact_lock({WRITING})"
_WHOSE = "select pg_backend_pid() as server, current_setting('lock_timeout') as patience"


if TYPE_CHECKING:  # generic in its stubs alone
    _Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:
    _Connection = asyncpg.Connection


class Connection(_Connection):
    """asyncpg's, whose session nobody changes: so nothing is reset when it is given back."""

    def get_reset_query(self) -> str:
        return ""

    async def read(self, statement: str, values: Mapping[str, object]) -> list[Row]:
        text, arguments = translated(statement, values)
        try:
            return list(await self.fetch(text, *arguments))
        except asyncpg.PostgresError as error:
            _silence(error)
            raise


def _silence(error: asyncpg.PostgresError) -> None:
    """Errors are logged; these would repeat a row or a value: what was typed, and by whom."""
    error.detail = None
    if isinstance(error, asyncpg.DataError):
        error.args = ("a value that its column does not take",)


class _Writing:
    """A transaction that has the turn."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch(self, statement: str, values: Mapping[str, object]) -> Sequence[Row]:
        return await self._connection.read(statement, values)


class PostgresDatabase(Database):
    """A pool, of which one connection at a time writes."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._turn = asyncio.Lock()
        self._group = Group(self._together, self._turn)
        self._carrying = asyncio.Semaphore(CARRYING)
        self.pieces = Pieces(self._apart)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with self._turn:
            with _explaining():
                async with _acquired(self._pool) as connection, _turn(connection):
                    yield _Writing(connection)

    async def write(self, statement: str, values: Mapping[str, object]) -> list[Row]:
        with _explaining():
            return await self._group.write((statement, values))

    async def read(self, statement: str, values: Mapping[str, object]) -> list[Row]:
        with _explaining():
            async with _acquired(self._pool) as connection:
                return await connection.read(statement, values)

    async def checkpoint(self) -> bool:
        """The server keeps its log as its operator wants it."""
        return True

    async def schema_version(self) -> int:
        async with _acquired(self._pool) as connection:
            return await _version(connection)

    @asynccontextmanager
    async def _apart(self) -> AsyncIterator[Connection]:
        """A transaction beside the turn: for what nobody counts."""
        async with self._carrying:
            with _explaining():
                async with _acquired(self._pool) as connection, _turn(connection, "begin"):
                    yield connection

    async def require_session(self) -> None:
        with _explaining():
            async with _acquired(self._pool) as one, _acquired(self._pool) as other:
                mine = await one.fetch(_WHOSE)
                async with other.transaction():
                    await other.fetch(_WHOSE)  # a pooler has it take the place that became free
                    again = await one.fetch(_WHOSE)
        if mine != again or mine[0]["patience"] != f"{TURN_SECONDS}s":
            raise StorageError(*outages.POOLED)

    async def settle_in(self) -> None:
        with _explaining():
            async with _acquired(self._pool) as connection, _turn(connection):
                await settle_in(connection)

    async def _together(self, statements: Sequence[Statement]) -> list[Rows | Exception]:
        async with _acquired(self._pool) as connection:
            if len(statements) > 1:
                try:
                    async with _turn(connection):
                        return [await connection.read(*each) for each in statements]
                except Exception as error:  # whose it was, each learns below
                    if outages.is_lost(error):
                        raise
            return [await _alone(connection, statement) for statement in statements]


async def _alone(connection: Connection, statement: Statement) -> Rows | Exception:
    try:
        async with _turn(connection):
            return await connection.read(*statement)
    except Exception as error:  # noqa: BLE001 - raised where the statement came from
        return error


@asynccontextmanager
async def _turn(connection: Connection, begin: str = "") -> AsyncIterator[None]:
    """A transaction that nobody writes beside; rolled back on anything but a normal exit."""
    try:
        await connection.execute(begin or _BEGIN)
        yield
        await connection.execute("commit")
    except BaseException:  # a cancelled task is not an Exception
        try:
            await asyncio.shield(_rolled_back(connection))
        except asyncio.CancelledError:  # nobody gets it while it is being rolled back
            _cut(connection)
            raise
        raise


async def _rolled_back(connection: Connection) -> None:
    """Where even that fails, the server does it: the connection is cut."""
    try:
        await connection.execute("rollback", timeout=TURN_SECONDS)
    except outages.TROUBLE:
        _cut(connection)


def _cut(connection: Connection) -> None:
    with suppress(asyncpg.InterfaceError):  # it was given back meanwhile
        connection.terminate()


@asynccontextmanager
async def _acquired(pool: Pool) -> AsyncIterator[Connection]:
    async with pool.acquire(timeout=STATEMENT_SECONDS) as connection:
        # A pool hands out proxies of the class that it was made with.
        yield connection  # type: ignore[misc] # asyncpg-stubs names the base class


@contextmanager
def _explaining() -> Iterator[None]:
    try:
        yield
    except outages.TROUBLE as error:
        raise outages.explained(error) or error from error


@asynccontextmanager
async def opened(address: Server, *, exclusive: bool) -> AsyncIterator[PostgresDatabase]:
    """See `Database.open`."""
    try:
        pool = await asyncpg.create_pool(
            address.url,
            min_size=1,
            max_size=MOST_CONNECTIONS,
            connection_class=Connection,
            statement_cache_size=512,
            timeout=TURN_SECONDS,
            init=_prepare,
        )
    except (*outages.TROUBLE, ValueError) as error:
        # The driver's words may repeat the address, and so the password.
        if isinstance(error, ValueError) and not isinstance(error, OSError):
            raise StorageError(*outages.MALFORMED) from None
        raise outages.unreachable(error) from None
    try:
        with _explaining():
            async with _acquired(pool) as connection:
                if exclusive:
                    await _migrate(connection)
                    async with _turn(connection):
                        await settle_in(connection)
                else:
                    require_current(await _version(connection))
        yield PostgresDatabase(pool)
    finally:
        await pool.close()


async def _prepare(connection: _Connection) -> None:
    """Sums of integers are numeric there, integers here.

    The session's settings are sent as statements: a pooler refuses them as parameters of the start.
    """
    await connection.execute("; ".join(f"set {name} = '{it}'" for name, it in _SESSION.items()))
    await connection.set_type_codec(
        "numeric", schema="pg_catalog", encoder=str, decoder=int, format="text"
    )


async def _version(connection: Connection) -> int:
    """0: nothing of ours is there."""
    if await connection.fetchval("select to_regclass('schema_version')") is None:
        return 0
    return int(await connection.fetchval("select version from schema_version"))


async def _migrate(connection: Connection) -> None:
    """Apply what is missing; each script and its record commit together or not at all.

    Of several processes that start at once one does it, the others wait for their turn.
    """
    for number, script in scripts("postgres").items():
        async with _turn(connection):
            if number > await _version(connection):
                text = script.read_text(encoding="utf-8")
                await connection.execute(f"{text}\nupdate schema_version set version = {number}")
                log.info("database migrated", extra={"schema": number})
    require_current(await _version(connection))
