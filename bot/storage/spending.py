"""How much of each limit is used, and which of them is in the way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bot.domain.limits import HOUR_MS, UNLIMITED, Limit, Scope, Spent
from bot.record import Hidden, Record, asdict
from bot.refusals import QuotaExceeded
from bot.storage import queries
from bot.storage.database import Database

_SQL = queries.load(Path(__file__).parent / "sql" / "ledger.sql")


class Counted(Record):
    """Whose images count, and where; `price_micros` stands for those whose price is not known.

    `images`: how many more there has to be room for.
    """

    user_id: Hidden[int]
    pseudonym: int
    guild_id: int | None
    place_id: int
    price_micros: int | None
    images: int = 1


class Spending:
    """Reads; what is reserved is the ledger's own statement, by the same sums."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, counted: Counted, limits: Sequence[Limit]) -> list[Spent]:
        """Each limit, and what counts against it now."""
        values = asdict(counted) | {"limits": as_json(limits)}
        found = await self._database.read(_SQL["spent"] + " order by number", values)
        return [
            # Without a price nobody can say that there is room for another image.
            Spent(limit, row["used"], UNLIMITED if row["need"] is None else row["need"])
            for limit, row in zip(limits, found, strict=True)
        ]

    async def exceeded(
        self, counted: Counted, limits: Sequence[Limit], need: int | None = None
    ) -> QuotaExceeded | None:
        """The first limit that has no room for so many more images, or for `need`."""
        for spent in await self.of(counted, limits):
            if spent.left < (spent.need if need is None else need):
                return await self._exceeded(counted, spent)
        return None

    async def _exceeded(self, counted: Counted, spent: Spent) -> QuotaExceeded:
        limit, resets_at = spent.limit, spent.limit.resets_at
        if limit.scope is Scope.FILTER:
            values = {
                "user_id": counted.user_id,
                "pseudonym": counted.pseudonym,
                "n": limit.most,
            }
            found = await self._database.read(_SQL["refused_before"], values)
            if found:  # its window slides: there is room once the n-th last refusal has left it
                resets_at = found[0]["ended_at"] + HOUR_MS
        return QuotaExceeded(
            scope=limit.scope.value,
            unit=limit.unit.value,
            period=limit.period.value,
            limit=limit.most,
            used=spent.used,
            asked=counted.images,
            resets_at=resets_at,
        )


def as_json(limits: Sequence[Limit]) -> str:
    """As `spent` reads them."""
    return json.dumps(
        [
            {"scope": each.scope, "unit": each.unit, "most": each.most, "since": each.since}
            for each in limits
        ]
    )
