"""Pseudonyms of people: made with this installation's key, and, until erased, a way back."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from pathlib import Path

from bot.pseudonym import KEY_BYTES, pseudonym
from bot.storage import queries
from bot.storage.database import Database

_SQL = queries.load(Path(__file__).parent / "sql" / "aliases.sql")


class Aliases:
    """Numbers that stand for people wherever something about them outlives their data."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key = b""

    async def of(self, user_id: int) -> int:
        """The person's pseudonym."""
        if not self._key:
            self._key = await self._kept_key()
        return pseudonym(self._key, user_id)

    async def remembered(self, user_id: int) -> int:
        """The person's pseudonym, of which it is known from now on whose it is."""
        alias = await self.of(user_id)
        values = {"pseudonym": alias, "user_id": user_id}
        await self._database.write(_SQL["remember"], values)
        return alias

    async def people(self, pseudonyms: Collection[int]) -> dict[int, int]:
        """Whose they are, where that is (still) known."""
        asked = {"pseudonyms": queries.array(pseudonyms)}
        found = await self._database.read(_SQL["people"], asked)
        return {row["pseudonym"]: row["user_id"] for row in found}

    async def _kept_key(self) -> bytes:
        """Made once; whoever comes first, all others use the same."""
        found = await self._database.read(_SQL["key"], {})
        if not found:
            values = {"key": secrets.token_hex(KEY_BYTES)}
            await self._database.write(_SQL["make_key"], values)
            found = await self._database.read(_SQL["key"], {})
        return bytes.fromhex(found[0]["value"])
