"""What was taken down: the hashes of bytes that do not come back, and whose images they were.

A hash is the SHA-256 of a file's bytes, in lower-case hex.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from bot.domain.generation import Generation
from bot.storage import queries, rows
from bot.storage.database import Database

_SQL = queries.load(Path(__file__).parent / "sql" / "takedowns.sql")


class Takedowns:
    """Asked at the moment of use, so that a command beside the running bot holds at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def refuses(self, sha256: str) -> bool:
        """Whether these bytes were taken down."""
        return bool(await self._database.read(_SQL["refuses"], {"sha256": sha256}))

    async def refuse(self, hashes: Collection[str], *, now: int) -> None:
        """From now on (UTC milliseconds)."""
        values = {"hashes": queries.array(hashes), "now": now}
        await self._database.write(_SQL["refuse"], values)

    async def allow(self, sha256: str) -> bool:
        """Refuse it no more; False: it was not refused."""
        return bool(await self._database.write(_SQL["allow"], {"sha256": sha256}))

    async def refused(self) -> Mapping[str, int]:
        """All that are refused, and since when (UTC milliseconds), the oldest first."""
        found = await self._database.read(_SQL["refused"], {})
        return {row["sha256"]: row["at"] for row in found}

    async def delivered(self, generation_id: str, sha256: str) -> None:
        """People are about to be sent these bytes, not those that are stored."""
        await self._database.write(_SQL["delivered"], {"id": generation_id, "sha256": sha256})

    async def variants(self, ids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """What was sent of these generations, or stored until it was deleted, by their ids."""
        found: dict[str, list[str]] = defaultdict(list)
        for row in await self._database.read(_SQL["variants"], {"ids": queries.array(ids)}):
            found[row["generation_id"]].append(row["sha256"])
        return found

    async def numbered(self, number: int) -> set[int]:
        """The request (an interaction's id) with this id, or shown by the message with it."""
        found = await self._database.read(_SQL["numbered"], {"number": number})
        return {row["interaction_id"] for row in found}

    async def showing(self, hashes: Collection[str]) -> set[int]:
        """The requests with one of these among their images."""
        found = await self._database.read(_SQL["showing"], {"hashes": queries.array(hashes)})
        return {row["interaction_id"] for row in found}

    async def started_from(self, hashes: Collection[str]) -> list[Generation]:
        """What one of these was attached to, the oldest first."""
        found = await self._database.read(_SQL["started_from"], {"hashes": queries.array(hashes)})
        return [rows.generation(row) for row in found]

    async def rows(self, interactions: Collection[int]) -> list[Generation]:
        """All rows of these requests, the oldest first."""
        values = {"interactions": queries.array(interactions)}
        return [rows.generation(row) for row in await self._database.read(_SQL["rows"], values)]
