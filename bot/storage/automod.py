"""The last copy of each server's AutoMod rules."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.storage import queries
from bot.storage.database import Database

_SQL = queries.load(Path(__file__).parent / "sql" / "automod.sql")


class AutoModCopies:
    """As Discord answered, cut down to what is used; each write raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Mapping[int, tuple[int, object]]:
        """By the server's id: when it was read (UTC milliseconds), and the rules."""
        found = await self._database.read(_SQL["all"], {})
        return {row["guild_id"]: (row["read_at"], json.loads(row["rules"])) for row in found}

    async def keep(self, guild_id: int, read_at: int, rules: Sequence[Mapping[str, Any]]) -> None:
        values = {"guild_id": guild_id, "read_at": read_at, "rules": json.dumps(rules)}
        await self._database.write(_SQL["keep"], values)

    async def forget(self, guild_id: int) -> None:
        await self._database.write(_SQL["forget"], {"guild_id": guild_id})
