"""When the breaker opens or closes: the operator is told once, and a restart remembers it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.errors import StorageError
from bot.request.breaker import Breaker
from bot.storage.ledger import Ledger
from bot.wording import notices

log = logging.getLogger(__name__)

_FACT = "outage"
#: A message that did not reach the operator is tried again so often, so much later.
TRIES, AGAIN_SECONDS = 5, 60.0


class Outage:
    """The breaker's memory, and its voice."""

    def __init__(
        self,
        breaker: Breaker,
        ledger: Ledger,
        clock: Clock,
        tell: Callable[[str], Awaitable[bool]],
    ) -> None:
        """`tell` the operator; False: it did not reach them."""
        self._breaker = breaker
        self._ledger = ledger
        self._clock = clock
        self._tell = tell
        self._telling: set[asyncio.Task[None]] = set()
        breaker.changed = self._changed

    async def resume(self) -> None:
        """Be open if an earlier process was: the operator knows already."""
        reason = await self._ledger.facts.read(_FACT)
        if reason and self._breaker.reason is None:
            self._breaker.resume(reason, self._clock.now())

    def _changed(self, reason: str | None) -> None:
        log.warning("purchases stopped" if reason else "purchases go on", extra={"reason": reason})
        task = asyncio.create_task(self._record(reason), name="outage")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _record(self, reason: str | None) -> None:
        """Told first, then on record: a crash in between repeats a message rather than loses it."""
        text = notices.opened(reason) if reason else notices.CLOSED
        told = await self._tell(text)
        try:
            await self._ledger.facts.write(_FACT, reason or "")
        except StorageError:
            log.exception("outage not recorded")
        for _ in range(TRIES - 1):
            if told or self._breaker.reason != reason:
                return
            await self._clock.wait(asyncio.Event(), AGAIN_SECONDS)
            told = await self._tell(text)
