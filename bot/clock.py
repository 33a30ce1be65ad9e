"""Time, as a parameter: what the lifecycle asks for now, and how it waits."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """UTC milliseconds, and waits that an event may cut short."""

    def now(self) -> int: ...

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Return when `event` is set, or after `seconds`, which may set it: clear it then."""


class SystemClock:
    """The real one."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        # Not asyncio.timeout: its cancellation costs as much as a poll's whole bookkeeping.
        timer = asyncio.get_running_loop().call_later(seconds, event.set)
        try:
            await event.wait()
        finally:
            timer.cancel()
