"""When the breaker opens or closes: the operator is told once, and a restart remembers it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.breaker import Breaker
from bot.clock import Clock
from bot.storage.ledger import Ledger
from bot.wording import notices

log = logging.getLogger(__name__)

_FACT = "outage"


class Outage:
    """The breaker's memory, and its voice."""

    def __init__(
        self,
        breaker: Breaker,
        ledger: Ledger,
        clock: Clock,
        tell: Callable[[str], Awaitable[None]],
    ) -> None:
        """`tell` the operator."""
        self._breaker = breaker
        self._ledger = ledger
        self._clock = clock
        self._tell = tell
        self._telling: set[asyncio.Task[None]] = set()
        breaker.changed = self._changed

    async def resume(self) -> None:
        """Be open if an earlier process was: the operator knows already."""
        reason = await self._ledger.fact(_FACT)
        if reason and self._breaker.reason is None:
            self._breaker.resume(reason, self._clock.now())

    def _changed(self, reason: str | None) -> None:
        log.warning("purchases stopped" if reason else "purchases go on", extra={"reason": reason})
        task = asyncio.create_task(self._record(reason), name="outage")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _record(self, reason: str | None) -> None:
        """First on record: who is told twice after a crash learns nothing new."""
        try:
            await self._ledger.set_fact(_FACT, reason or "")
            await self._tell(notices.opened(reason) if reason else notices.CLOSED)
        except Exception:
            log.exception("outage not recorded")
