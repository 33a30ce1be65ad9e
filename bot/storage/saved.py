"""The images that people keep for their server: which, and that a moderator took one out."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from enum import StrEnum
from pathlib import Path

from bot.domain.act import Act, Action
from bot.domain.generation import Generation
from bot.record import Record
from bot.storage import queries, rows
from bot.storage.aliases import Aliases
from bot.storage.audit import record
from bot.storage.database import Database

_SQL = queries.load(Path(__file__).parent / "sql" / "saved.sql")

#: Of one server: as a file has at most about 2 MiB, 400 MiB of disk that no retention frees.
MOST_SAVED = 200


class Outcome(StrEnum):
    """What became of a wish to save."""

    SAVED = "saved"
    ALREADY = "already"
    BARRED = "barred"  # a moderator took it out
    FULL = "full"
    NOT_PUBLIC = "not public"  # or not the person's, or not there any more


class SavedImage(Record):
    """The picture number `picture` (from 0) of those that the row made.

    `restricted`: made where it was age-restricted when it was saved.
    """

    row: Generation
    picture: int
    saved_at: int
    restricted: bool


class SavedFile(Record):
    """The same as its file's name, and the place whose settings hold for it."""

    generation_id: str
    picture: int
    guild_id: int
    place_id: int
    name: str


class Saved:
    """What is sealed, removed or erased is not among them, whatever was saved before."""

    def __init__(self, database: Database, aliases: Aliases) -> None:
        self._database = database
        self._aliases = aliases

    async def save(
        self, generation_id: str, picture: int, user_id: int, *, restricted: bool, now: int
    ) -> Outcome:
        """The person's own image, which its server's members were shown."""
        values = {"id": generation_id, "picture": picture, "user_id": user_id, "now": now}
        values |= {"restricted": int(restricted), "most": MOST_SAVED}
        if await self._database.write(_SQL["save"], values):
            return Outcome.SAVED
        found = await self._database.read(_SQL["found"], values)
        if found:
            return Outcome.BARRED if found[0]["barred"] else Outcome.ALREADY
        could = await self._database.read(_SQL["could"], values)
        return Outcome.FULL if could else Outcome.NOT_PUBLIC

    async def unsave(self, generation_id: str, picture: int) -> bool:
        """By whoever asked for it; False: it was not saved."""
        values = {"id": generation_id, "picture": picture}
        return bool(await self._database.write(_SQL["unsave"], values))

    async def bar(
        self, row: Generation, picture: int, actor_id: int, *, guild_id: int, now: int
    ) -> bool:
        """By a moderator of the server, on record; False: it was not saved there."""
        actor = await self._aliases.remembered(actor_id)
        subject = await self._aliases.remembered(row.request.user_id)
        act = Act(actor, Action.UNSAVE, subject, details={"generation": row.id})
        values = {"id": row.id, "picture": picture, "guild_id": guild_id}
        async with self._database.transaction() as connection:
            found = await connection.fetch(_SQL["bar"], values)
            if found:
                await record(connection, guild_id, act, now=now)
        return bool(found)

    async def of_request(self, interaction_id: int) -> set[tuple[str, int]]:
        """Which of its pictures are saved: row and number."""
        asked = {"interaction_id": interaction_id}
        found = await self._database.read(_SQL["of_request"], asked)
        return {(row["generation_id"], row["picture"]) for row in found}

    async def of_guild(self, guild_id: int) -> list[SavedImage]:
        """At most MOST_SAVED, the last saved first."""
        found = await self._database.read(_SQL["of_guild"], {"guild_id": guild_id})
        saved = [
            SavedImage(
                rows.generation(row), row["picture"], row["saved_at"], bool(row["restricted"])
            )
            for row in found
        ]
        return [each for each in saved if each.picture < len(each.row.outputs)]

    async def files(self) -> Sequence[SavedFile]:
        """Of all servers."""
        return [
            SavedFile(row["generation_id"], row["picture"], row["guild_id"], row["place_id"], name)
            for row in await self._database.read(_SQL["files"], {})
            for name in _named(row["outputs"], row["picture"])
        ]

    async def drop(self, gone: Collection[SavedFile]) -> None:
        """Their files are not there any more."""
        for each in gone:
            values = {"id": each.generation_id, "picture": each.picture}
            await self._database.write(_SQL["drop"], values)


def _named(outputs: str, picture: int) -> list[str]:
    """Its file's name, if there is one."""
    made = [each["name"] for each in json.loads(outputs) if each]
    return made[picture : picture + 1]
