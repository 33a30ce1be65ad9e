"""A budget of calls: never more than so many in any minute, and little of it at once."""

from __future__ import annotations

import asyncio
import math

from bot.clock import Clock

#: A minute, and a second more: calls bunch together on their way.
WINDOW_MS = 61_000
#: At most two seconds' worth may come at once, and at least one call.
BURSTS_A_MINUTE = 30


class Budget:
    """At most `per_minute` calls in any 60 s. Pure: callers bring the time, in milliseconds.

    With a burst of B and then one call every I, a window of W holds at most B + ⌈W/I⌉ - 1 calls;
    hence I = W / (N - B + 1).
    """

    def __init__(self, per_minute: int) -> None:
        #: When all that was taken would have been spent at an even pace.
        self._spent_at = 0.0
        self._seen = 0
        self.allow(per_minute)

    def allow(self, per_minute: int) -> None:
        """From now on this many, at least one."""
        self.per_minute = max(per_minute, 1)
        self._burst = max(1, self.per_minute // BURSTS_A_MINUTE)
        self._interval = WINDOW_MS / (self.per_minute - self._burst + 1)

    def take(self, now: int) -> int:
        """Take one call and return 0, or return the milliseconds until one is free."""
        if wait := self.wait(now):
            return wait
        self._spent_at = max(self._spent_at, now) + self._interval
        return 0

    def wait(self, now: int) -> int:
        """Milliseconds until a call is free; 0: it is now."""
        if now < self._seen:  # the clock was set back: nobody waits for it to catch up
            self._spent_at -= self._seen - now
        self._seen = now
        return math.ceil(max(0.0, self._spent_at - now - self._slack))

    def rest(self, until: int) -> None:
        """Give no call before then."""
        self._spent_at = max(self._spent_at, until + self._slack)

    @property
    def _slack(self) -> float:
        return (self._burst - 1) * self._interval


class Turnstile:
    """Lets callers through in the order they came, each when the budget has a call for it."""

    def __init__(self, budget: Budget, clock: Clock) -> None:
        self.budget = budget
        self._clock = clock
        self._line = asyncio.Lock()

    async def turn(self) -> None:
        """Return once a call was taken; whoever is canceled leaves the line."""
        async with self._line:
            while wait := self.budget.take(self._clock.now()):
                await self._clock.wait(asyncio.Event(), wait / 1000)
