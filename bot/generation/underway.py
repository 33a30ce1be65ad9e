"""The generations that are under way in this process: a task each, with what it knows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from functools import partial

from bot.chat.audience import of_reply
from bot.domain.generation import Generation, Status
from bot.generation.lifecycle import Lifecycle
from bot.generation.watch import Life
from bot.language import speaking

log = logging.getLogger(__name__)


class UnderWay:
    """Begins lives, wakes them, and ends them with the process."""

    def __init__(self, lifecycle: Lifecycle, withdraw: Callable[[str], None]) -> None:
        """`withdraw` is asked about each that was canceled: it may have been past looking."""
        self._lifecycle = lifecycle
        self._withdraw = withdraw
        self._lives: dict[str, tuple[asyncio.Task[None], Life]] = {}
        #: As which process each was begun: once it is another one, they are lost.
        self._epochs: dict[str, int] = {}

    @property
    def ids(self) -> AbstractSet[str]:
        return self._lives.keys()

    def statuses(self) -> list[Status]:
        """Where the generations are that this process is about to carry to their ends."""
        return [life.status for _, life in self._lives.values() if life.status is not None]

    def begin(
        self,
        rows: Sequence[Generation],
        siblings: Sequence[Generation] = (),
        *,
        canceled: bool = False,
    ) -> None:
        """Lives for rows of one request, of which the `siblings` are done."""
        for row, life in zip(rows, self._lifecycle.lives(rows, siblings), strict=True):
            life.canceled_by_somebody |= canceled
            with speaking(of_reply(row.request)):
                live = self._lifecycle.live(row, life)
                task = asyncio.create_task(live, name=f"generation {row.id}")
            self._lives[row.id], self._epochs[row.id] = (task, life), row.owner_epoch
            task.add_done_callback(partial(self._ended, row.id))

    def cancel(self, generation_id: str) -> bool:
        """Somebody has canceled it, perhaps elsewhere; False: it is not under way here."""
        if generation_id not in self._lives:
            return False
        _, life = self._lives[generation_id]
        life.canceled_by_somebody = True
        life.wake.set()
        return True

    def nudge(self, generation_id: str) -> bool:
        """The provider says that its prediction has ended; False: it is not under way here."""
        if generation_id not in self._lives:
            return False
        self._lives[generation_id][1].tell()
        return True

    def whisper(self, generation_id: str, say: Callable[[], Awaitable[None]]) -> bool:
        """Have it said aside, as soon as the reply lets it; False: it is not under way here."""
        if generation_id not in self._lives:
            return False
        self._lives[generation_id][1].reply.whisper(say)
        return True

    def ending(self, rows: Sequence[Generation]) -> list[asyncio.Task[None]]:
        """Those of these rows that are still under way."""
        return [self._lives[row.id][0] for row in rows if row.id in self._lives]

    async def close(self, grace: float) -> set[asyncio.Task[None]]:
        """Give them `grace` seconds; returns those that are left."""
        self._lifecycle.closing()
        tasks = [task for task, _ in self._lives.values()]
        for _, life in self._lives.values():
            life.wake.set()  # who only waits for a turn has nothing to wait for now
        left: set[asyncio.Task[None]] = set()
        if tasks:
            log.info("draining", extra={"running": len(tasks), "grace": grace})
            _, left = await asyncio.wait(tasks, timeout=grace)
        return left

    async def drop(self, *, but: int | None = None) -> None:
        """Stop at once: others may have it all by now. What is being bought is still answered.

        `but`: what was begun as this process goes on.
        """
        tasks = [task for id, (task, _) in self._lives.items() if self._epochs[id] != but]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, generation_id: str, task: asyncio.Task[None]) -> None:
        _, life = self._lives.pop(generation_id)
        del self._epochs[generation_id]
        if life.canceled_by_somebody:
            self._withdraw(generation_id)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("generation left", exc_info=error, extra={"generation": generation_id})
