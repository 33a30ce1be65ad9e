"""A budget of calls: never more than so many in any minute, and little of it at once."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from bot.clock import Clock

#: A minute, and a second more: calls bunch together on their way.
WINDOW_US = 61_000_000
#: At most two seconds' worth may come at once, and at least one call.
BURSTS_A_MINUTE = 30
#: A time so much earlier than the last one seen means that the clock was set back; callers may
#: bring one that is a little old.
SET_BACK_MS = 10_000
#: A provider's "not now" is believed for at least a second.
LEAST_WAIT_MS = 1_000
#: Replicate's documented limit for everything but creates.
REQUESTS_PER_MINUTE = 3_000
#: How much slower after a refusal that names no rate, and for how long it must go well before the
#: rate is doubled.
SLOWER = 4
CALM_MS = 5 * 60_000


class Budget:
    """At most `per_minute` calls in any 60 s. Pure: callers bring the time, in milliseconds.

    With a burst of B and then one call every I, a window of W holds at most B + ⌈W/I⌉ - 1 calls;
    hence I = W / (N - B + 1).
    """

    def __init__(self, per_minute: int) -> None:
        self._whole = per_minute
        #: When all that was taken would have been spent at an even pace, in microseconds: whole
        #: numbers, since a hundred rounded intervals would cost a call.
        self._spent_at = 0
        self._seen = 0
        self.allow(per_minute)

    def allow(self, per_minute: int) -> None:
        """From now on this many, at least one."""
        self.per_minute = max(per_minute, 1)
        self._burst = max(1, self.per_minute // BURSTS_A_MINUTE)
        self._interval = -(-WINDOW_US // (self.per_minute - self._burst + 1))

    def share(self, parts: int) -> None:
        """From now on one of so many equal parts of the whole."""
        self.allow(self._whole // parts)

    def take(self, now: int) -> int:
        """Take one call and return 0, or return the milliseconds until one is free."""
        if wait := self.wait(now):
            return wait
        self._spent_at = max(self._spent_at, now * 1000) + self._interval
        return 0

    def wait(self, now: int) -> int:
        """Milliseconds until a call is free; 0: it is now."""
        if now < self._seen - SET_BACK_MS:  # nobody waits for the clock to catch up
            self._spent_at -= (self._seen - now) * 1000
        self._seen = now
        return max(0, -(-(self._spent_at - now * 1000 - self._slack) // 1000))

    def room(self, now: int) -> int:
        """How many calls are free now."""
        if self.wait(now):
            return 0
        return (self._slack - max(0, self._spent_at - now * 1000)) // self._interval + 1

    def rest(self, until: int) -> None:
        """Give no call before then."""
        self._spent_at = max(self._spent_at, until * 1000 + self._slack)

    @property
    def _slack(self) -> int:
        return (self._burst - 1) * self._interval


class CreateBudget(Budget):
    """A budget that follows the limits observed: what an account may create depends on its credit.

    Refused, it rests as long as it was told and goes on at the rate that was named, or at a
    quarter: few refusals lead down to a tight limit. Every five minutes without one it doubles,
    up to what is set.
    """

    def __init__(self, per_minute: int) -> None:
        super().__init__(per_minute)
        self._full = self.per_minute
        self._changed_at = 0

    def wait(self, now: int) -> int:
        if self.per_minute < self._full and now >= self._changed_at + CALM_MS:
            self._change(min(self.per_minute * 2, self._full), now)
        return super().wait(now)

    @property
    def state(self) -> tuple[int, int, int]:
        """What other processes go on from."""
        return self._spent_at, self.per_minute, self._changed_at

    def restore(self, spent_at: int, per_minute: int, changed_at: int) -> None:
        """Go on from what another process has left; what is set here is not exceeded."""
        self.allow(min(per_minute, self._full))
        self._spent_at, self._changed_at = spent_at, changed_at

    def refused(self, now: int, *, sent_at: int, wait_ms: int, per_minute: int | None) -> int:
        """A create sent at `sent_at` got a 429; returns when to try again (milliseconds).

        Those that were under way when the rate was last lowered say nothing new.
        """
        if sent_at >= self._changed_at:
            slower = self.per_minute // SLOWER
            self._change(min(per_minute or slower, self.per_minute), now)
        until = now + max(wait_ms, LEAST_WAIT_MS)
        self.rest(until)
        return until

    def _change(self, per_minute: int, now: int) -> None:
        self.allow(per_minute)
        self._changed_at = now


class Turnstile:
    """Lets callers through in the order they came, each when the budget has a call for it."""

    def __init__(
        self, budget: Budget, clock: Clock, is_open: Callable[[], bool] = lambda: True
    ) -> None:
        """`is_open`: whether what is let through may still be done when it comes to that."""
        self.budget = budget
        self.is_open = is_open
        self._clock = clock
        self._line = asyncio.Lock()

    def rest(self, seconds: float) -> None:
        """Let nobody through for so long."""
        self.budget.rest(self._clock.now() + math.ceil(seconds * 1000))

    async def turn(self) -> None:
        """Return once a call was taken; whoever is canceled leaves the line."""
        async with self._line:
            while wait := self.budget.take(self._clock.now()):
                await self._clock.wait(asyncio.Event(), wait / 1000)
