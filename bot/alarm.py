"""Who asked for what is never made: the operator is told, without what was asked."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.domain import Request
from bot.wording import notices

log = logging.getLogger(__name__)

#: Of one person the operator hears once in so many milliseconds; so many people are remembered.
AGAIN_MS, REMEMBERED = 3_600_000, 10_000


class Alarm:
    """In memory only: after a restart the operator may hear of somebody sooner."""

    def __init__(self, clock: Clock, tell: Callable[[str], Awaitable[bool]]) -> None:
        """`tell` the operator; False: it did not reach them."""
        self._clock = clock
        self._tell = tell
        self._told: OrderedDict[int, int] = OrderedDict()
        self._telling: set[asyncio.Task[None]] = set()

    def raised(self, request: Request) -> None:
        """Returns at once: whoever is refused waits for nobody."""
        now = self._clock.now()
        log.warning("sexual content about minors refused", extra={"guild": request.guild_id})
        if now < self._told.get(request.user_id, -AGAIN_MS) + AGAIN_MS:
            return
        self._told[request.user_id] = now
        self._told.move_to_end(request.user_id)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        task = asyncio.create_task(self._send(request), name="alarm")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _send(self, request: Request) -> None:
        try:
            told = await self._tell(
                notices.minors(request.user_id, request.guild_id, request.channel_id)
            )
        except Exception:
            log.exception("alarm not sent")
            return
        if not told:  # the next attempt of the same person tries again
            self._told.pop(request.user_id, None)
