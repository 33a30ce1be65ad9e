"""Reading inside a transaction: it looks like a database to code that only reads."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

from bot.storage.database import Database, Row, Transaction
from bot.storage.postgres import Connection


class Inside(Database):
    """What it sees, its own uncommitted rows among it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def read(self, statement: str, values: Mapping[str, object]) -> list[Row]:
        return await self._connection.fetched(statement, values)

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        raise NotImplementedError

    async def write(self, statement: str, values: Mapping[str, object]) -> list[Row]:
        raise NotImplementedError

    async def checkpoint(self) -> bool:
        raise NotImplementedError

    async def schema_version(self) -> int:
        raise NotImplementedError
