"""One connection that says this process lives: its locks are the process's, and end with it.

Never from a pool, whose connections forget their locks when they are given back. A frozen process's
kernel answers keep-alives for ever (a lock was still held after 45 s), so the server drops whoever
says nothing for a while.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import asyncpg

from bot.errors import StorageError
from bot.settings.address import Server
from bot.storage import outages
from bot.storage.custody import LIVING

log = logging.getLogger(__name__)

#: Said this often; whoever says nothing for so long is dropped. 20 s is the time within which what
#: a frozen process had goes on elsewhere.
BEAT_SECONDS, SILENT_SECONDS = 3.0, 10
#: Before that, for what is under way between a look at the clock and the provider.
MARGIN_SECONDS = 2.0
CALL_SECONDS = 5.0
CHANNEL = "imagine"
#: PostgreSQL takes less than 8,000 bytes.
MOST_TEXT = 7_000

#: Of this database's locks, with the epoch of whoever has them.
_HOLDERS = """
select coalesce(json_object_agg(held.objid, living.objid), '{}')
from pg_locks as held join pg_locks as living using (pid, database)
where held.locktype = 'advisory' and held.classid::bigint = $1 and held.granted
    and living.locktype = 'advisory' and living.classid::bigint = $2 and living.granted
    and database = (select oid from pg_database where datname = current_database())"""


class Liveness:
    """Locks that are held for as long as this process is heard of, and hints from the others."""

    def __init__(self, address: Server, heard: Callable[[str], None]) -> None:
        """`heard` is called with each hint of another process, on the loop."""
        self._address = address
        self._heard = heard
        self._connection: Any = None
        self._turn = asyncio.Lock()
        self._beating: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Task[None]] = set()
        self.lost = asyncio.Event()
        self._said_at = 0.0
        self._has_entered = False

    @property
    def is_fresh(self) -> bool:
        """Whether the server cannot have dropped us for our silence; a frozen clock goes on."""
        silent = time.monotonic() - self._said_at
        is_in_time = silent < SILENT_SECONDS - MARGIN_SECONDS
        return self._has_entered and is_in_time and not self.lost.is_set()

    async def open(self, enter: Callable[[], Awaitable[int]]) -> None:
        """Live from now on, as the epoch that `enter` returns. Raises StorageError."""
        await self.close()
        try:
            connection = await asyncpg.connect(
                self._address.url,
                timeout=CALL_SECONDS,
                server_settings={
                    "application_name": "imagine liveness",
                    "idle_session_timeout": f"{SILENT_SECONDS}s",
                },
            )
        except outages.TROUBLE as error:
            raise outages.unreachable(error) from error
        self._connection = connection
        self.lost = asyncio.Event()
        connection.add_termination_listener(partial(self._ended, self.lost))
        try:
            await connection.add_listener(CHANNEL, self._notified)
            # Before anything is this epoch's: what nobody living has, anybody takes.
            if not await self._locked(LIVING, await enter()):
                raise StorageError("Another process has our epoch.", "Start again.")
        except BaseException as error:
            await self.close()
            if isinstance(error, outages.TROUBLE):
                raise outages.unreachable(error) from error
            raise
        self._has_entered = True
        self._beating = asyncio.create_task(self._beat(self.lost), name="liveness")

    async def close(self) -> None:
        """Live no more: whatever was held is free."""
        was_lost = self.lost.is_set()
        self._has_entered = False
        self.lost.set()
        if self._beating is not None:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating
            self._beating = None
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*outages.TROUBLE):
                if was_lost:  # nobody is there to say goodbye to
                    connection.terminate()
                else:
                    await connection.close(timeout=CALL_SECONDS)

    async def lock(self, kind: int, number: int = 0) -> bool:
        """Whether this process has it, now or already. Raises StorageError."""
        try:
            return await self._locked(kind, number)
        except outages.TROUBLE as error:
            raise outages.unreachable(error) from error

    async def unlock(self, kind: int, number: int = 0) -> None:
        with suppress(*outages.TROUBLE):
            await self._fetch("select pg_advisory_unlock($1, $2)", kind, number)

    async def holders(self, kind: int) -> dict[int, int]:
        """Who has which of these locks: processes, by their epochs. Raises StorageError."""
        try:
            found = await self._fetch(_HOLDERS, kind, LIVING)
        except outages.TROUBLE as error:
            raise outages.unreachable(error) from error
        return {int(number): int(epoch) for number, epoch in json.loads(found).items()}

    def tell(self, text: str) -> None:
        """A hint to the other processes: it may be lost, and repeats nothing that is not stored."""
        task = asyncio.create_task(self._tell(text))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, text: str) -> None:
        with suppress(*outages.TROUBLE):
            await self._fetch("select pg_notify($1, $2)", CHANNEL, text[:MOST_TEXT])

    async def _locked(self, kind: int, number: int) -> bool:
        held = "select true from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() "
        held += "and classid::bigint = $1 and objid::bigint = $2 and objsubid = 2 and granted"
        if await self._fetch(held, kind, number):
            return True
        return bool(await self._fetch("select pg_try_advisory_lock($1, $2)", kind, number))

    async def _fetch(self, statement: str, *values: object) -> Any:
        async with self._turn:
            if self._connection is None:
                raise asyncpg.InterfaceError("not connected")
            said_at = time.monotonic()
            found = await self._connection.fetchval(statement, *values, timeout=CALL_SECONDS)
            self._said_at = said_at
            return found

    def _ended(self, lost: asyncio.Event, _: object) -> None:
        lost.set()

    def _notified(self, _connection: object, pid: int, _channel: str, text: object) -> None:
        if self._connection is not None and pid != self._connection.get_server_pid():
            self._heard(str(text))

    async def _beat(self, lost: asyncio.Event) -> None:
        """Until it fails: then this process must not act as itself any more."""
        try:
            while not lost.is_set():
                await asyncio.sleep(BEAT_SECONDS)
                await self._fetch("select 1")
        except outages.TROUBLE:
            log.warning("liveness lost")
        finally:
            lost.set()
