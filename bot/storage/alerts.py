"""Budgets that are half, nearly or wholly spent: each is told of once."""

from __future__ import annotations

from pathlib import Path

from bot.domain.limits import Spent
from bot.storage import queries
from bot.storage.database import Database

_SQL = queries.load(Path(__file__).parent / "sql" / "alerts.sql")

#: Per cent of a budget.
STEPS = (50, 80, 100)


class Alerts:
    """Whoever comes first to a step is the one to tell of it, also after a restart.

    A budget that was changed is another one.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: set[tuple[object, ...]] = set()

    async def reached(self, spent: Spent, subject: int) -> int | None:
        """The highest step that was reached and nobody was told of; from now on it counts as told.

        `subject`: the server's id, 0 for the installation.
        """
        news = None
        for step in STEPS:
            if spent.percent >= step and await self._first(spent, subject, step):
                news = step
        return news

    async def _first(self, spent: Spent, subject: int, step: int) -> bool:
        limit = spent.limit
        key = (limit.scope, subject, limit.unit, limit.period, limit.since, limit.most, step)
        if key in self._known:
            return False
        names = ("scope", "subject", "unit", "period", "since", "most", "percent")
        inserted = await self._database.write(_SQL["first"], dict(zip(names, key, strict=True)))
        self._known.add(key)
        return bool(inserted)
