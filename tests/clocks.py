"""A clock that a test moves by hand."""

from __future__ import annotations

import asyncio


class HandClock:
    """Milliseconds that pass only in `advance`, which wakes everybody at their own time."""

    def __init__(self) -> None:
        self._now = 1_000_000
        self._sleeping: dict[asyncio.Event, int] = {}

    def now(self) -> int:
        return self._now

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        alarm = asyncio.Event()
        self._sleeping[alarm] = self._now + round(seconds * 1000)
        waits = [asyncio.ensure_future(each.wait()) for each in (alarm, event)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._sleeping.pop(alarm, None)
            for wait in waits:
                wait.cancel()

    async def advance(self, seconds: float) -> None:
        until = self._now + round(seconds * 1000)
        await settled()
        while due := [at for at in self._sleeping.values() if at <= until]:
            self._now = max(self._now, min(due))
            for alarm, at in list(self._sleeping.items()):
                if at <= self._now:
                    del self._sleeping[alarm]
                    alarm.set()
            await settled()
        self._now = until


async def settled() -> None:
    """Let every task go as far as it can without the clock."""
    for _ in range(100):
        await asyncio.sleep(0)
