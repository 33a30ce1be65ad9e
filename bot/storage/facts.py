"""Small facts about this installation, by their names."""

from __future__ import annotations

from pathlib import Path

from bot.storage import queries
from bot.storage.database import Database

_SQL = queries.load(Path(__file__).parent / "sql" / "ledger.sql")


class Facts:
    """Text under names; there are a handful."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, name: str) -> str | None:
        found = await self._database.read(_SQL["fact"], {"name": name})
        return str(found[0]["value"]) if found else None

    async def write(self, name: str, value: str) -> None:
        await self._database.write(_SQL["set_fact"], {"name": name, "value": value})

    async def settled(self, name: str, value: str) -> str:
        """What it is; `value`, where it was nothing. Whoever comes first decides for all."""
        found = await self.read(name)
        if found is None:
            await self._database.write(_SQL["settle_fact"], {"name": name, "value": value})
            found = await self.read(name)
        return found or value

    async def forget(self, name: str) -> bool:
        """False: it was none."""
        return bool(await self._database.write(_SQL["forget_fact"], {"name": name}))
