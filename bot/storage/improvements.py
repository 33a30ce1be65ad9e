"""Improved prompts in the payer's book: reserved, bought at most once, settled or released."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from bot.domain.improvement import TooManyImprovements
from bot.domain.limits import HOUR_MS, Limit
from bot.record import Record, asdict
from bot.refusals import AlreadyRequested, Paused, PolicyChanged, QueueFull, Refused
from bot.storage import queries, spending
from bot.storage.database import Database
from bot.storage.spending import Counted, Spending

_HERE = Path(__file__).parent / "sql"
_SQL = queries.load(_HERE / "ledger.sql", _HERE / "improvements.sql")

#: A person's in any hour: more than anybody reads and judges, little enough that a script which
#: asks for nothing else costs its installation next to nothing. They are no images, so no limit of
#: images holds them.
MOST_AN_HOUR = 20
#: Tries to reserve while what was in the way is gone again by the time one looks what it was.
RESERVE_TRIES = 3


class Outcome(StrEnum):
    """How one ended: what the payer's book says."""

    SETTLED = "settled"  # bought: at the estimate
    RELEASED = "released"  # definitely not bought
    UNKNOWN = "unknown"  # perhaps bought: counted at the estimate


class Order(Record):
    """What is to be bought: by whom and where it counts (`Counted`), from which text model.

    `id` is the interaction that asked; `cost` in micro-dollars, None where no price is known.
    """

    id: int
    counted: Counted
    model: str
    cost: int | None


class Improvements:
    """Every transition is one statement; whoever comes too late gets False back."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._spending = Spending(database)

    async def reserve(
        self, order: Order, *, limits: Sequence[Limit], policy_version: int, now: int
    ) -> None:
        """Its cost in the payer's book, in one transaction with the limits (of money) it counts in.

        Raises QuotaExceeded, TooManyImprovements, Paused, AlreadyRequested, or PolicyChanged.
        """
        about = asdict(order.counted) | {
            "interaction_id": order.id,
            "model": order.model,
            "cost": order.cost,
            "created_at": now,
            "most": MOST_AN_HOUR,
            "window": HOUR_MS,
        }
        version = {"policy_version": policy_version, "limits": spending.as_json(limits)}
        for _ in range(RESERVE_TRIES):
            if await self._database.write(_SQL["reserve"], about | version):
                return
            reason = await self._why_not(about, policy_version)
            reason = reason or await self._spending.exceeded(order.counted, limits, order.cost)
            if reason is not None:
                raise reason
        raise QueueFull("installation", MOST_AN_HOUR, 1)

    async def submit(self, id: int) -> bool:
        """The intent to buy, before anything is sent."""
        return bool(await self._database.write(_SQL["submit"], {"id": id}))

    async def attach(self, id: int, prediction_id: str) -> bool:
        """The prediction's id, before the first poll."""
        values = {"id": id, "prediction_id": prediction_id}
        return bool(await self._database.write(_SQL["attach"], values))

    async def finish(self, id: int, outcome: Outcome, *, now: int) -> bool:
        values = {"id": id, "status": outcome.value, "now": now}
        return bool(await self._database.write(_SQL["finish"], values))

    async def abandon(self, *, now: int, until: int) -> int:
        """End what is left of those that old: nothing of it is bought again. Returns how many."""
        return len(await self._database.write(_SQL["abandon"], {"now": now, "until": until}))

    async def _why_not(self, about: dict[str, object], policy_version: int) -> Refused | None:
        [found] = await self._database.read(_SQL["hindrances"], about)
        if found["made"]:
            return AlreadyRequested()
        if found["paused"]:
            return Paused("installation")
        if found["policy_version"] != policy_version:
            return PolicyChanged()
        if found["free_at"] is not None:
            return TooManyImprovements(MOST_AN_HOUR, found["free_at"])
        return None
