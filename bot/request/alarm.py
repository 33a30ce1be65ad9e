"""The operator is told who asked for what is never made, or brought what was taken down.

Without what was asked or brought.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.domain.generation import Request
from bot.wording import notices

log = logging.getLogger(__name__)

#: Of one person the operator hears once in so many milliseconds; so many people are remembered.
AGAIN_MS, REMEMBERED = 3_600_000, 10_000

#: What the operator reads: of a person, a server, a channel.
Words = Callable[[int, int | None, int], str]


class Alarm:
    """In memory only: after a restart the operator may hear of somebody sooner."""

    def __init__(self, clock: Clock, tell: Callable[[str], Awaitable[bool]]) -> None:
        """`tell` the operator; False: it did not reach them."""
        self._clock = clock
        self._tell = tell
        self._told: OrderedDict[tuple[int, Words], int] = OrderedDict()
        self._telling: set[asyncio.Task[None]] = set()

    def raised(self, request: Request) -> None:
        """Asked for what is never made. Returns at once: whoever is refused waits for nobody."""
        log.warning("sexual content about minors refused", extra={"guild": request.guild_id})
        self._about(request, notices.minors)

    def recognised(self, request: Request) -> None:
        """Brought a picture that was taken down. Returns at once."""
        log.warning("picture that was taken down refused", extra={"guild": request.guild_id})
        self._about(request, notices.brought_back)

    def _about(self, request: Request, words: Words) -> None:
        now, whose = self._clock.now(), (request.user_id, words)
        if now < self._told.get(whose, -AGAIN_MS) + AGAIN_MS:
            return
        self._told[whose] = now
        self._told.move_to_end(whose)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        task = asyncio.create_task(self._send(request, words), name="alarm")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _send(self, request: Request, words: Words) -> None:
        try:
            told = await self._tell(words(request.user_id, request.guild_id, request.channel_id))
        except Exception:
            log.exception("alarm not sent")
            return
        if not told:  # the next attempt of the same person tries again
            self._told.pop((request.user_id, words), None)
