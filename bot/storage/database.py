"""A database, whichever it is: statements by name and value, one writer at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bot.errors import ConfigError, NoDatabaseYet, Problem, StorageError
from bot.settings.address import Address, Server

if TYPE_CHECKING:  # with its driver, as `open` says
    from bot.storage.pieces import Pieces

MIGRATIONS = Path(__file__).parent / "migrations"


class Row(Protocol):
    """One that was found; its columns by name, and by number."""

    def __getitem__(self, column: str | int, /) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...
    def keys(self) -> Any: ...


class Reader(Protocol):
    """What is read from: a database, or a connection to one."""

    async def read(self, statement: str, values: Mapping[str, object], /) -> list[Row]: ...


class Transaction(Protocol):
    """What statements run in."""

    async def fetch(self, statement: str, values: Mapping[str, object]) -> Sequence[Row]: ...


class Database(ABC):
    """Statements name their values (`:name`), and are the same for every kind of database.

    Of those that write one runs at a time, in whatever process: what a statement counts is so until
    it is committed.
    """

    #: Where images lie in it; None: they are files.
    pieces: Pieces | None = None

    @classmethod
    def open(cls, address: Address, *, exclusive: bool) -> AbstractAsyncContextManager[Database]:
        """Open it; `exclusive`, as only the bot itself may: it is made and brought up to date.

        A SQLite file is locked then. Raises StorageError when it is not to be had (locked by
        another process, missing unless exclusive, unreachable, damaged), cannot be written, or was
        written by a newer version; ConfigError without the driver that a server needs.
        """
        if isinstance(address, Server):
            require_driver()
            from bot.storage import postgres  # noqa: PLC0415 - its driver may not be installed

            return postgres.opened(address, exclusive=exclusive)
        from bot.storage import sqlite  # noqa: PLC0415 - it imports this

        return sqlite.opened(address, exclusive=exclusive)

    @abstractmethod
    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """One short write transaction; rolled back on anything but a normal exit.

        Raises StorageError when the disk, the file or the server is to blame: nothing of the
        transaction is recorded then, unless the connection was lost while it was committed.
        """

    @abstractmethod
    async def write(self, statement: str, values: Mapping[str, object]) -> list[Row]:
        """One statement, committed when this returns; those that wait meanwhile share a commit.

        Each succeeds or fails alone. A task cancelled before the statement's turn writes nothing;
        one cancelled later does not learn what became of it; the rows tell the next one.
        Raises StorageError as `transaction` does.
        """

    @abstractmethod
    async def read(self, statement: str, values: Mapping[str, object]) -> list[Row]:
        """What is committed; it waits for no writer."""

    @abstractmethod
    async def checkpoint(self) -> bool:
        """Let nothing that was erased be readable in the database's log; False: not now."""

    async def require_session(self) -> None:  # noqa: B027 - a file has nothing in between
        """Raises StorageError where a pooler takes a session's server process away from it."""

    async def settle_in(self) -> None:  # noqa: B027 - a file is nobody's standby
        """Before a process begins anew: recognise a database that is not as it was."""

    @abstractmethod
    async def schema_version(self) -> int: ...


def require_driver() -> None:
    """Raises ConfigError where PostgreSQL's is not installed: it is an extra."""
    if find_spec("asyncpg") is None:
        remedy = "In this program's folder: pip install '.[postgres]'."
        raise ConfigError((Problem("DATABASE_URL", "needs a driver for PostgreSQL", remedy),))


def scripts(engine: str) -> dict[int, Path]:
    """The migrations, by the version that each makes; `engine`: sqlite or postgres."""
    return {int(file.name[:4]): file for file in sorted((MIGRATIONS / engine).glob("*.sql"))}


def newest_schema() -> int:
    """All engines' versions are of one count."""
    return max(scripts("sqlite"))


def require_current(version: int) -> None:
    """Raises StorageError where the schema is not the one that we know."""
    if not version:
        raise NoDatabaseYet
    newest = newest_schema()
    if version > newest:
        raise StorageError(
            f"This database was written by a newer version (schema {version}, we know {newest}).",
            "Upgrade Imagine, or restore a backup made by this version.",
        )
    if version < newest:
        raise StorageError(
            f"This database has an older schema ({version}, we need {newest}).",
            "Start the bot once: `python -m bot run` brings it up to date.",
        )
