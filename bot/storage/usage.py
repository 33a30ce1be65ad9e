"""Sums over the ledger's rows: of a person, a server, or all; together, or by something."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from bot.domain.generation import Usage
from bot.record import Hidden, Record
from bot.storage import queries, rows
from bot.storage.database import Database

_SQL = queries.load(Path(__file__).parent / "sql" / "usage.sql")

#: Milliseconds; the offsets of all time zones in use are multiples of it.
QUARTER_MS = 900_000


class By(StrEnum):
    """What the sums are kept apart by."""

    NOTHING = "nothing"
    USER = "user"
    MODEL = "model"
    QUARTER = "quarter"


class Of(Record):
    """Which rows: a person's, a server's, a person's in a server, or all; from `since` on.

    That is in UTC milliseconds.
    """

    user_id: Hidden[int | None] = None
    guild_id: int | None = None
    since: int = 0

    @property
    def source(self) -> str:
        if self.user_id is None:
            return "of_all" if self.guild_id is None else "of_guild"
        return "of_user" if self.guild_id is None else "of_member"


class Sums:
    """Reads; it waits for no writer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def total(self, of: Of) -> Usage:
        found = await self.by(By.NOTHING, of)
        return found[None] if found else Usage(compute_ms=0, cost_micros=0)

    async def by(self, by: By, of: Of) -> dict[int | str | None, Usage]:
        """Sums by user, model, or quarter of an hour since 1970; most images first.

        The user 0 stands for everybody whose data was erased, a negative one for somebody of them
        whose window is still open.
        """
        values = {
            "by": by,
            "user_id": of.user_id,
            "guild_id": of.guild_id,
            "since": of.since,
        }
        statement = _SQL["sums"].replace("(source)", f"({_SQL[of.source].strip()})")
        found = await self._database.read(statement, values)
        key = "name" if by is By.MODEL else "number"
        return {row[key]: rows.usage(row) for row in found}
