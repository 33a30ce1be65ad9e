"""What people prefer: read before each answer, erased with all that is stored of them."""

from __future__ import annotations

from pathlib import Path

from bot.domain.generation import Request
from bot.domain.preferences import Preferred
from bot.storage import queries
from bot.storage.database import Database

_SQL = queries.load(Path(__file__).parent / "sql" / "preferences.sql")


class Preferences:
    """Everybody's, never in memory: whoever erases theirs is done with them at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, user_id: int) -> Preferred:
        return Preferred.of(await self.stored(user_id))

    async def stored(self, user_id: int) -> dict[str, str]:
        """As it is kept: what they have chosen, by name."""
        found = await self._database.read(_SQL["of_person"], {"user_id": user_id})
        return {row["name"]: row["value"] for row in found}

    async def set(self, user_id: int, name: str, value: str | None) -> None:
        """None: they do not choose (any more). Raises StorageError."""
        about = {"user_id": user_id, "name": name}
        if value is None:
            await self._database.write(_SQL["unset"], about)
        else:
            await self._database.write(_SQL["set"], about | {"value": value})

    async def may_use(self, request: Request, user_id: int) -> bool:
        """Whether this person may start from images that were made for the request."""
        owner = request.user_id
        return user_id == owner or (await self.of(owner)).others_use
