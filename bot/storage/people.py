"""What is stored about a person: a copy of all of it, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from bot.domain.limits import DAY_MS
from bot.record import Hidden, Record, field
from bot.storage import queries, rows
from bot.storage.aliases import Aliases
from bot.storage.database import Database, Row
from bot.storage.preferences import Preferences

_SQL = queries.load(Path(__file__).parent / "sql" / "people.sql")

#: No window is longer than a month, in any time zone: so long a pseudonym still counts.
COUNTING_MS = 33 * DAY_MS
#: What goes last, once nothing of the person is under way.
_AT_THE_END = (
    *("erase_acts", "erase_reports", "change_cards", "erase_block_reasons", "forget_alias"),
    "erased",
)
#: Prompts erased by one statement: others wait for it a few milliseconds.
BATCH = 500


class Erasure(Record):
    """Somebody asked, at a time (UTC milliseconds), for all that was there to be erased."""

    user_id: Hidden[int]
    asked_at: int


class Stored(Record):
    """All that the database holds of a person, as rows, but for the bytes of their images.

    Of `generations` every column; of the record what they did, or somebody about them. `refused`:
    the hashes of what was taken down, of anybody's.
    """

    generations: Sequence[Row]
    changes: Sequence[Row]
    blocks: Sequence[Row]
    limits: Sequence[Row]
    unlisted: bool
    saved: Sequence[Row] = ()
    preferences: Mapping[str, str] = field(default_factory=dict)
    refused: Collection[str] = ()
    improvements: Sequence[Row] = ()


class People:
    """Reads and erases; the images' files are the caller's."""

    def __init__(self, database: Database, aliases: Aliases) -> None:
        self._database = database
        self._aliases = aliases

    async def unlisted(self, user_ids: Collection[int]) -> set[int]:
        """Who of them does not want to be named in a server's figures."""
        found = await self._database.read(_SQL["unlisted"], {"ids": queries.array(user_ids)})
        return {row["id"] for row in found}

    async def set_unlisted(self, user_id: int, *, unlisted: bool) -> None:
        values = {"id": user_id, "unlisted": int(unlisted)}
        await self._database.write(_SQL["set_unlisted"], values)

    async def stored(self, user_id: int) -> Stored:
        """A copy of it, oldest first."""
        by_pseudonym = {"pseudonym": await self._aliases.of(user_id)}
        return Stored(
            generations=await self._database.read(_SQL["rows"], {"user_id": user_id}),
            changes=await self._database.read(_SQL["changes"], by_pseudonym),
            blocks=await self._database.read(_SQL["blocks"], by_pseudonym),
            limits=await self._database.read(_SQL["limits"], by_pseudonym),
            saved=await self._database.read(_SQL["saved"], {"user_id": user_id}),
            unlisted=bool(await self.unlisted([user_id])),
            preferences=await Preferences(self._database).stored(user_id),
            improvements=await self._database.read(_SQL["improvements"], {"user_id": user_id}),
            refused={row["sha256"] for row in await self._database.read(_SQL["refused"], {})},
        )

    async def ask_erasure(self, user_id: int, *, now: int) -> list[str]:
        """Record the wish, which a restart remembers; returns what is still under way.

        What they chose, also to save, is forgotten at once: what they choose from now on is not
        meant.
        """
        erasure = Erasure(user_id, now)
        async with self._database.transaction() as connection:
            for statement in ("ask_erasure", "forget_person", "forget_saved", "forget_preferences"):
                await connection.fetch(_SQL[statement], _values(erasure))
        return await self.underway(erasure)

    async def underway(self, erasure: Erasure) -> list[str]:
        """What it is about and has not ended, or has and nobody was told."""
        found = await self._database.read(_SQL["underway"], _values(erasure))
        return [row["id"] for row in found]

    async def erasures(self) -> list[Erasure]:
        """Those of which something is left."""
        found = await self._database.read(_SQL["erasures"], {})
        return [Erasure(row["user_id"], row["asked_at"]) for row in found]

    async def images(self, erasure: Erasure) -> list[str]:
        """The files that go with the rows that `erase` would erase now: they go first."""
        found = await self._database.read(_SQL["images"], _values(erasure))
        return [name for row in found for name in rows.files(row)]

    async def files(
        self, guild_id: int, place_id: int, others: Collection[int], ended: tuple[int, int]
    ) -> list[str]:
        """The files of what ended between the two times in this channel of a server.

        `place_id` 0: in all of its channels but the `others`.
        """
        since, until = ended
        values = {"guild_id": guild_id, "place_id": place_id, "since": since, "until": until}
        found = await self._database.read(
            _SQL["files_of_place"], values | {"others": queries.array(others)}
        )
        return [name for row in found for name in rows.files(row)]

    async def erase(self, erasure: Erasure, images: Collection[str], *, now: int) -> bool:
        """Erase what has ended, whose `images` are gone; True once nothing is left.

        Money and outcomes stay, as lines of nobody's.
        """
        pseudonym = await self._aliases.of(erasure.user_id)
        values = _values(erasure) | {"pseudonym": pseudonym, "counting_since": now - COUNTING_MS}
        async with self._database.transaction() as connection:
            found = await connection.fetch(_SQL["images"], values)
            if {name for row in found for name in rows.files(row)} <= set(images):
                for statement in ("erase_variants", "erase_saved", "forget_origins", "erase"):
                    await connection.fetch(_SQL[statement], values)
            await connection.fetch(_SQL["erase_improvements"], values)
            [left] = await connection.fetch(_SQL["left"], values)
            if left[0] == 0:
                for statement in _AT_THE_END:
                    await connection.fetch(_SQL[statement], values)
        return bool(left[0] == 0)

    async def flush(self) -> bool:
        """Let nothing erased be readable in the database's log; False: not now, it is in use."""
        return await self._database.checkpoint()

    async def close_windows(self, *, now: int) -> None:
        """Forget the pseudonyms of rows that no limit counts, what was told of it; ended blocks."""
        values = {"counting_since": now - COUNTING_MS, "now": now}
        await self._database.write(_SQL["close_windows"], values)
        await self._database.write(_SQL["close_improvements"], values)
        await self._database.write(_SQL["close_alerts"], values)
        await self._database.write(_SQL["end_blocks"], values)

    async def erase_reasons(self, until: int) -> None:
        """Erase what was written in records before `until`; a block keeps its own as it holds."""
        await self._database.write(_SQL["erase_reasons"], {"until": until})

    async def erase_prompts(self, since: int, until: int) -> int:
        """Erase what was chosen between the two, of what has ended; returns of how many."""
        count = 0
        while True:
            values = {"since": since, "until": until, "limit": BATCH}
            erased = len(await self._database.write(_SQL["erase_prompts"], values))
            count += erased
            if erased < BATCH:
                return count
            await asyncio.sleep(0)


def _values(erasure: Erasure) -> dict[str, int]:
    return {"user_id": erasure.user_id, "asked_at": erasure.asked_at}
