"""The line in which creates wait: who is next, the ledger says; how many, the limits say."""

from __future__ import annotations

import asyncio
import logging

from bot.clock import Clock
from bot.domain.generation import Capacity, Generation, Turn
from bot.generation.purchase import Budgets, Buying, Purchases
from bot.generation.watch import Life
from bot.record import State, field, replace
from bot.storage.ledger import Ledger

log = logging.getLogger(__name__)

#: The line is looked at this often even if nothing seems to have changed.
BACKSTOP_SECONDS = 5.0
#: Everybody who waits is told from one look at the line that is at most so old.
LINE_FRESH_MS = 2_000


class _Waiting(State):
    row: Generation
    life: Life
    turn: asyncio.Future[Buying] = field(default_factory=asyncio.Future)


class Turns:
    """Gives turns while there are creates and free places; one dispatch at a time."""

    def __init__(
        self,
        ledger: Ledger,
        purchases: Purchases,
        clock: Clock,
        budgets: Budgets,
        capacity: Capacity,
    ) -> None:
        self._ledger = ledger
        self._purchases = purchases
        self._clock = clock
        self._creates = budgets.creates
        self._shared = budgets.are_shared
        self._breaker = budgets.breaker
        self._capacity = capacity
        self._waiting: dict[str, _Waiting] = {}
        self._stirred = asyncio.Event()
        self._giving = asyncio.Lock()
        self._dispatcher: asyncio.Task[None] | None = None
        self._closing = False
        self._looking = asyncio.Lock()
        self._line: dict[str, Turn] = {}
        self._line_at = 0

    async def wait(self, row: Generation, life: Life, seconds: float) -> Buying | None:
        """Stand in line; the purchase once it has begun, None after `seconds` or when woken.

        Raises what kept the line from being served (StorageError).
        """
        waiting = self._waiting.get(row.id)
        if waiting is None or waiting.life is not life:  # an earlier life was dropped in line
            waiting = self._waiting[row.id] = _Waiting(row, life)
        self.stir()
        if not waiting.turn.done():
            await life.pause(self._clock, seconds)
        return self._given(waiting)

    async def leave(self, row: Generation) -> Buying | None:
        """Out of the line; the purchase, if its turn came at this very moment."""
        waiting = self._waiting.get(row.id)
        if waiting is None:
            return None
        async with self._giving:
            self._waiting.pop(row.id, None)
        return self._given(waiting)

    def forget(self, id: str, life: Life) -> None:
        """That life is over, perhaps dropped in line; a purchase that began is still to be had."""
        waiting = self._waiting.get(id)
        if waiting is not None and waiting.life is life and not waiting.turn.done():
            del self._waiting[id]

    def stir(self) -> None:
        """Something changed: somebody came, or an image no longer runs."""
        self._stirred.set()
        idle = self._dispatcher is None or self._dispatcher.done()
        if idle and self._waiting and not self._closing:
            self._dispatcher = asyncio.create_task(self._dispatch(), name="turns")

    async def stand(self, row: Generation, usual_seconds: float | None) -> tuple[Turn, int | None]:
        """Its place in line, and when its turn should come (UTC milliseconds).

        None: nobody knows how long the model takes, or a pause, or the provider's trouble.
        """
        async with self._looking:  # whoever comes meanwhile is told from this look, not the last
            now = self._clock.now()
            if row.id not in self._line or now >= self._line_at + LINE_FRESH_MS:
                self._line_at = now
                self._line = await self._ledger.line()
        turn = self._line.get(row.id, Turn(1, 1))
        if turn.canceled and row.id in self._waiting:
            self._waiting[row.id].life.canceled_by_somebody = True
        if usual_seconds is None or turn.paused or self._breaker.reason is not None:
            return turn, None
        places, own = self._capacity.running, self._capacity.user_running
        a_second = min(self._creates.per_minute / 60, places / max(usual_seconds, 1.0))
        of_own = max(0, turn.of_user - own) * usual_seconds / own
        until_free = self._creates.wait(self._clock.now()) / 1000
        seconds = max(turn.position / a_second, of_own, until_free)
        return turn, now + round(seconds * 1000)

    async def close(self) -> None:
        """Give no more turns."""
        self._closing = True
        self._stirred.set()
        async with self._giving:
            pass

    def _given(self, waiting: _Waiting) -> Buying | None:
        if not waiting.turn.done():
            return None
        self._waiting.pop(waiting.row.id, None)
        return waiting.turn.result()

    async def _dispatch(self) -> None:
        while self._waiting and not self._closing:
            self._stirred.clear()
            async with self._giving:
                more = await self._give()
            await self._clock.wait(self._stirred, self._pause() if more else BACKSTOP_SECONDS)

    def _pause(self) -> float:
        """Seconds until somebody may have a turn; 0: by now."""
        now = self._clock.now()
        held = [w.row.not_before or now for w in self._waiting.values()]
        opens = self._breaker.wait(now)
        if opens is None:
            return BACKSTOP_SECONDS
        early = max(min(held, default=now) - now, self._creates.wait(now), opens)
        return max(0, early) / 1000

    async def _give(self) -> bool:
        """Turns for as many as may have one now; their purchases begin.

        Whether only time was lacking for more: until the next create, or the end of a wait.
        """
        now = self._clock.now()
        standing = {id: w for id, w in self._waiting.items() if not w.turn.done()}
        creates = self._breaker.creates(self._creates.room(now), now)
        held = all((w.row.not_before or 0) > now for w in standing.values())
        if self._closing or not standing:
            return False
        if held or not creates:
            return True
        try:
            rows = await self._ledger.dispatch(
                list(standing),
                now=now,
                creates=creates,
                capacity=self._capacity,
                shared=self._creates if self._shared else None,
            )
        except Exception as error:  # noqa: BLE001 - whoever waits learns it, and comes again
            for waiting in standing.values():
                waiting.turn.set_exception(error)
                waiting.life.wake.set()
            return False
        for row in rows:
            if not self._shared:
                self._creates.take(self._clock.now())
            waiting = standing[row.id]
            submitted = replace(row, message_id=waiting.row.message_id)
            waiting.turn.set_result(self._purchases.begin(submitted, waiting.life))
            waiting.life.wake.set()
        return len(rows) == creates
