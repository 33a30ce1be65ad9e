"""Which images an image comes from."""

from __future__ import annotations

from pathlib import Path

from bot.domain.attached import names
from bot.domain.generation import Generation
from bot.storage import queries, rows
from bot.storage.database import Database

_SQL = queries.load(Path(__file__).parent / "sql" / "lineage.sql")

#: Nobody reads a longer line; nor does a damaged file make it endless.
MOST = 50


class Lineage:
    """Read from the ledger: whose line is erased is an ancestor no more, nor are those before."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def parent(self, row: Generation) -> Generation | None:
        """What it comes from; None: from no image, or from one that is not on record any more."""
        found = await self._ancestors(row, 1) if row.request.origin is not None else []
        return found[0] if found else None

    async def ancestors(self, row: Generation) -> list[Generation]:
        """The nearest first, at most MOST."""
        return await self._ancestors(row, MOST) if row.request.origin is not None else []

    async def copies(self, interaction_id: int | None = None) -> list[str]:
        """Files that are copies of images (of that request) which were removed or erased.

        Only of what has ended: what is under way needs them.
        """
        values = {"interaction_id": interaction_id}
        found = map(rows.generation, await self._database.read(_SQL["copies"], values))
        return [name for row in found for name in names(row.id, row.request.pictures)]

    async def _ancestors(self, row: Generation, most: int) -> list[Generation]:
        values = {"id": row.id, "most": most}
        return [rows.generation(each) for each in await self._database.read(_SQL["line"], values)]
