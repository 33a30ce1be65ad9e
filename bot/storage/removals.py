"""What is not to be seen any more: sealed images, and the messages that are to go.

A removal is recorded first and carried out then, as often as it takes: nothing comes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.domain.act import OPERATOR, Act, Action
from bot.domain.generation import Generation, RemovedBy
from bot.record import Hidden, Record
from bot.storage import queries, rows
from bot.storage.aliases import Aliases
from bot.storage.audit import record
from bot.storage.database import Database, Row
from bot.storage.reports import LAPSE_MS
from bot.text import visible

_SQL = queries.load(Path(__file__).parent / "sql" / "removals.sql")

_ACTIONS = {RemovedBy.MODERATOR: Action.REMOVE, RemovedBy.OPERATOR: Action.TAKEDOWN}


class Messages(Record):
    """Where a request's images may be seen; `message_id` None: its reply was private.

    `direct`: they may have gone to whoever asked alone; `tell`: who is still to be told.
    """

    interaction_id: int
    guild_id: int | None
    channel_id: int
    user_id: Hidden[int]
    direct: bool
    tell: bool
    message_id: int | None
    published_id: int | None


class Removals:
    """Seals, remembers which messages are to go, and knows what is to be deleted."""

    def __init__(self, database: Database, aliases: Aliases) -> None:
        self._database = database
        self._aliases = aliases

    async def remove(
        self,
        interaction_id: int,
        by: RemovedBy,
        *,
        until: int,
        now: int,
        actor_id: int = OPERATOR,
        reason: str = "",
        reported: bool = False,
    ) -> list[Generation]:
        """Seal a request's images until a time (UTC milliseconds); its messages are to go.

        Nothing: it is under way, removed already, or erased; `reported`: or nobody has reported
        it, or that is decided. What somebody else than whoever asked does is on record, and decides
        about its reports; while there are any, whoever asked only hides it.
        """
        values = {"interaction_id": interaction_id, "until": until, "by": by, "now": now}
        values["actor_id"] = actor_id
        values |= {"reason": visible(reason), "reported": int(reported), "lapse": LAPSE_MS}
        asked = await self._database.read(_SQL["whose"], values)
        act = await self._act(by, actor_id, asked[0]["user_id"], reason) if asked else None
        async with self._database.transaction() as connection:
            found = await connection.fetch(_SQL["remove"], values)
            if found:
                for statement in ("to_delete", "unsave"):
                    await connection.fetch(_SQL[statement], values)
                if act is not None:
                    decided = values | {"actor": act.actor}
                    for statement in ("decide", "close_reports"):
                        await connection.fetch(_SQL[statement], decided)
                    await record(connection, found[0]["guild_id"] or 0, act, now=now)
        return sorted(map(rows.generation, found), key=lambda row: row.request.ordinal)

    async def _act(self, by: RemovedBy, actor_id: int, user_id: int, reason: str) -> Act | None:
        if by not in _ACTIONS:
            return None
        actor = actor_id and await self._aliases.remembered(actor_id)
        return Act(actor, _ACTIONS[by], await self._aliases.remembered(user_id), reason)

    async def cover(self, interaction_id: int) -> bool:
        """Hide a request's images behind a spoiler from now on; False: there are none."""
        values = {"interaction_id": interaction_id}
        return bool(await self._database.write(_SQL["cover"], values))

    async def waiting(self) -> list[Messages]:
        """The messages that are still to be deleted."""
        return [_messages(row) for row in await self._database.read(_SQL["waiting"], {})]

    async def of(self, interaction_id: int) -> list[Messages]:
        """The same, of one request."""
        found = await self._database.read(_SQL["of_request"], {"interaction_id": interaction_id})
        return [_messages(row) for row in found]

    async def to_tell(self, interaction_id: int) -> bool:
        """Whether whoever asked is to be told now; it is said once."""
        return bool(await self._database.write(_SQL["told"], {"interaction_id": interaction_id}))

    async def deleted(self, interaction_id: int) -> None:
        """Its messages are gone."""
        await self._database.write(_SQL["deleted"], {"interaction_id": interaction_id})

    async def due(self, now: int) -> list[Generation]:
        """Whose seal has ended: their images are to be deleted."""
        return [
            rows.generation(row) for row in await self._database.read(_SQL["due"], {"now": now})
        ]

    async def emptied(self, generations: Sequence[Generation]) -> None:
        """Their images' files are gone; by their hashes a takedown still finds copies of them."""
        ids = {"ids": queries.array(row.id for row in generations)}
        async with self._database.transaction() as connection:
            for statement in ("known_by", "emptied"):
                await connection.fetch(_SQL[statement], ids)

    async def again(self, interaction_id: int) -> None:
        """The messages of what is removed are to go, also where the bot was not let near one."""
        values = {"interaction_id": interaction_id, "by": RemovedBy.OPERATOR, "actor_id": OPERATOR}
        await self._database.write(_SQL["to_delete"], values)


def _messages(row: Row) -> Messages:
    flags = {name: bool(row[name]) for name in ("direct", "tell")}
    return Messages(**dict(row) | flags)
