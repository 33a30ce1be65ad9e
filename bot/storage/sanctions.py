"""Blocks and warnings: in force with the transaction that puts them on record."""

from __future__ import annotations

from pathlib import Path

from bot.domain.act import INSTALLATION, OPERATOR, Act, Action
from bot.domain.sanctions import Blocked
from bot.storage import queries
from bot.storage.aliases import Aliases
from bot.storage.audit import record
from bot.storage.database import Database
from bot.text import visible

_SQL = queries.load(Path(__file__).parent / "sql" / "sanctions.sql")


class Sanctions:
    """In a server by its moderators (`actor_id`), everywhere (INSTALLATION) by the OPERATOR."""

    def __init__(self, database: Database, aliases: Aliases) -> None:
        self._database = database
        self._aliases = aliases

    async def admit(self, guild_id: int | None, user_id: int, *, now: int) -> None:
        """Raise Blocked where the person is, in this server or everywhere.

        Always asked of the database: another process may have blocked or unblocked them just now.
        """
        subject = await self._aliases.of(user_id)
        asked = {"guild_id": guild_id or INSTALLATION, "subject": subject, "now": now}
        for row in await self._database.read(_SQL["holding"], asked):
            raise Blocked(row["guild_id"] == INSTALLATION, row["until"], row["reason"])

    async def block(
        self,
        guild_id: int,
        actor_id: int,
        user_id: int,
        reason: str,
        *,
        until: int | None,
        now: int,
    ) -> list[str]:
        """Block them from now on, instead of any block before, and let nothing of theirs be bought.

        Returns the generations that waited for a turn, whose owner is to end them. Raises
        StorageError, and then nothing has changed.
        """
        actor, subject = await self._actor(actor_id), await self._aliases.remembered(user_id)
        reason = visible(reason)
        values = {"guild_id": guild_id, "subject": subject, "actor": actor, "reason": reason}
        details = {} if until is None else {"until": str(until)}
        act = Act(actor, Action.BLOCK, subject, reason, details)
        about = {"guild_id": guild_id, "user_id": user_id, "now": now}
        async with self._database.transaction() as connection:
            stored = values | {"until": until, "now": now}
            await connection.fetch(_SQL["block"], stored)
            waiting = await connection.fetch(_SQL["cancel_waiting"], about)
            await record(connection, guild_id, act, now=now)
        return [row["id"] for row in waiting]

    async def unblock(
        self, guild_id: int, actor_id: int, user_id: int, reason: str, *, now: int
    ) -> bool:
        """Take the block back; False: there is none. Raises StorageError."""
        actor, subject = await self._actor(actor_id), await self._aliases.remembered(user_id)
        values = {"guild_id": guild_id, "subject": subject, "now": now}
        async with self._database.transaction() as connection:
            found = await connection.fetch(_SQL["unblock"], values)
            held = any(row["held"] for row in found)
            if held:
                act = Act(actor, Action.UNBLOCK, subject, reason)
                await record(connection, guild_id, act, now=now)
        return held

    async def warn(
        self, guild_id: int, actor_id: int, user_id: int, reason: str, *, now: int
    ) -> None:
        """Put a warning on record. Raises StorageError."""
        actor, subject = await self._actor(actor_id), await self._aliases.remembered(user_id)
        async with self._database.transaction() as connection:
            await record(connection, guild_id, Act(actor, Action.WARN, subject, reason), now=now)

    async def _actor(self, actor_id: int) -> int:
        return OPERATOR if actor_id == OPERATOR else await self._aliases.remembered(actor_id)
