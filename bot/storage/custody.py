"""Which process owns each generation, for as long as it lives; then whichever takes it over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.domain.generation import Generation
from bot.storage import queries, rows
from bot.storage.database import Database

_SQL = queries.load(Path(__file__).parent / "sql" / "custody.sql")

#: Classes of the locks that a process holds while it lives: on its epoch (the view `living` knows
#: the number), on its slot of shards, on one it is about to take over, and on what only one process
#: does at a time.
LIVING, SLOT, SUCCESSOR, TURN = (0x696D616F + number for number in range(4))
#: So long an interaction is known to be answered; Discord repeats none that is older.
ANSWERED_MS = 15 * 60_000


class Custody:
    """What this process has; each time it enters it is another one, with another epoch."""

    def __init__(self, database: Database) -> None:
        self._database = database
        #: Names this process among all that ever were; 0: it has not entered.
        self.epoch = 0

    async def enter(self) -> int:
        """Be a new process, who owns nothing yet.

        One that lost its connection may find a standby that lacks the last commits: what was bought
        in them must not be claimed as if it waited still.
        """
        await self._database.settle_in()
        [found] = await self._database.write(_SQL["enter"], {})
        self.epoch = int(found["value"])
        return self.epoch

    async def claim(self) -> list[Generation]:
        """Own what is not done and nobody's who lives, and return it, oldest first.

        Not done: not ended, or ended without the person having been told (its token is there).
        """
        values = {"owner_epoch": self.epoch}
        return _sorted(map(rows.generation, await self._database.write(_SQL["claim"], values)))

    async def take(self, generations: Sequence[Generation]) -> list[Generation]:
        """Own those of them that have not ended: nobody carries them on just now."""
        ids = queries.array(row.id for row in generations)
        values = {"owner_epoch": self.epoch, "ids": ids}
        return _sorted(map(rows.generation, await self._database.write(_SQL["take"], values)))

    async def release(self, generations: Sequence[Generation]) -> None:
        """Hand a request's rows over to whoever claims them first, with where their reply is.

        All at once: two who each carry some of them would edit the one reply against one another.
        """
        values = {
            "ids": queries.array(row.id for row in generations),
            "owner_epoch": generations[0].owner_epoch,
            "message_id": generations[0].message_id,
        }
        await self._database.write(_SQL["release"], values)

    async def claimable(self) -> bool:
        """Whether there is something to claim."""
        return bool(await self._database.read(_SQL["claimable"], {"owner_epoch": self.epoch}))

    async def held(self) -> dict[str, bool]:
        """What is this process's to carry on, by its id; whether somebody has canceled it."""
        found = await self._database.read(_SQL["held"], {"owner_epoch": self.epoch})
        return {row["id"]: row["cancel_requested_at"] is not None for row in found}

    async def living(self) -> int:
        """How many processes there are, with this one."""
        [found] = await self._database.read(_SQL["living"], {})
        return max(1, int(found["living"]))

    async def answers(self, interaction_id: int, *, now: int) -> bool:
        """Whether it is this process that answers: of several, the first that asks."""
        values = {"id": interaction_id, "now": now}
        return bool(await self._database.write(_SQL["answer"], values))

    async def forget_answered(self, *, now: int) -> None:
        await self._database.write(_SQL["forget"], {"before": now - ANSWERED_MS})


def _sorted(found: map[Generation]) -> list[Generation]:
    return sorted(found, key=lambda row: (row.created_at, row.id))
