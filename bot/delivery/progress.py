"""Progress in one message: when it is edited, and when it is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot import tally
from bot.budget import Turnstile
from bot.clock import Clock
from bot.domain.generation import Delivery

#: Edits of one interaction's reply are rate-limited at about 5 per 2 s and share hidden limits;
#: one every 3 s keeps far away from both.
EDIT_INTERVAL_MS = 3_000
#: What changes within the first second is shown in one edit: a create is usually answered by then.
SETTLING_MS = 1_000
#: A message that has not been edited for this long is looked at: somebody may have removed it,
#: and then nobody wants the image any more.
LOOK_INTERVAL_MS = 20_000


class Progress:
    """Shows the newest state as soon as may be; what came between is dropped, not queued."""

    def __init__(
        self,
        edit: Callable[[str, str | None], Awaitable[Delivery]],
        look: Callable[[], Awaitable[Delivery]],
        clock: Clock,
        edits: Turnstile,
    ) -> None:
        """`edit` shows words and the button's label; `edits` are shared by all messages."""
        self._edit = edit
        self._look = look
        self._clock = clock
        self._edits = edits
        self._wanted: tuple[str, str | None] | None = None
        self._shown: tuple[str, str | None] | None = None
        self._touched_at = clock.now()
        self._next_at = clock.now() + SETTLING_MS
        self._task: asyncio.Task[object] | None = None
        #: Whether a call is on its way; otherwise the task only waits for its time.
        self._calling = False
        self._over = False

    def show(self, content: str, button: str | None) -> None:
        """Bring the message up to this; where nothing is new, see now and then if it is there."""
        if self._wanted not in (None, self._shown, (content, button)):
            tally.EDITS.add("dropped")
        self._wanted = (content, button)
        if self._task is not None and not self._task.done():
            return
        if self._wanted != self._shown:
            self._task = asyncio.create_task(self._catch_up(), name="progress")
        elif self._clock.now() >= self._touched_at + LOOK_INTERVAL_MS and self._is_room():
            self._task = asyncio.create_task(self._touch(self._look), name="look")

    async def quiet(self) -> None:
        """Return when no edit is on its way; those that wait for their time never come."""
        self._over = True
        if self._task is not None:
            if not self._calling:
                if not self._task.done():
                    tally.EDITS.add("dropped")
                self._task.cancel()
            await asyncio.wait({self._task})  # whatever became of it

    def stop(self) -> None:
        """Whatever is on its way is of no use any more."""
        if self._task is not None:
            self._task.cancel()

    async def _catch_up(self) -> None:
        while self._wanted is not None and self._wanted != self._shown and not self._over:
            await self._turn()
            self._shown = self._wanted
            outcome = await self._touch(self._edit, *self._shown)
            tally.EDITS.add(outcome.value)
            if outcome is Delivery.LATER:
                self._shown = None  # whoever shows it next tries again
                return

    async def _turn(self) -> None:
        """Wait until the message may be edited.

        The first edit brings the button, so it stands in line; others go when there is room.
        """
        while True:
            early = self._next_at - self._clock.now()
            if early > 0:
                await self._clock.wait(asyncio.Event(), early / 1000)
            if self._shown is None:
                return await self._edits.turn()
            if self._is_room():
                return None
            self._next_at = self._clock.now() + EDIT_INTERVAL_MS

    def _is_room(self) -> bool:
        return self._edits.budget.take(self._clock.now()) == 0

    async def _touch(self, call: Callable[..., Awaitable[Delivery]], *what: object) -> Delivery:
        self._touched_at = self._clock.now()
        self._next_at = self._touched_at + EDIT_INTERVAL_MS
        self._calling = True
        try:
            return await call(*what)
        finally:
            self._calling = False
