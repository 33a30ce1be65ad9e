"""The service behind `/imagine`: takes requests, sees every generation to its end, and stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from bot import policy
from bot.clock import Clock
from bot.domain import Figures, Form, Generation, Quota, Request, Status
from bot.errors import Closing, Unanswered
from bot.lifecycle import Lifecycle
from bot.storage.ledger import Ledger, Limit
from bot.watch import Life

log = logging.getLogger(__name__)

#: Discord gives up on an unanswered command after 3 s; deferring at half of that leaves room for
#: the network.
WATCHDOG_SECONDS = 1.5
#: How many generations `/usage` lists.
RECENT = 10
#: How many images `/history` offers: the most buttons that one message holds.
HISTORY = 25


class Imagine:
    """One per process; owns the tasks of the generations that are under way."""

    def __init__(
        self,
        ledger: Ledger,
        lifecycle: Lifecycle,
        rules: policy.Rules,
        clock: Clock,
        reply_of: Callable[[Request], Awaitable[int | None]],
    ) -> None:
        """`reply_of` finds a reply that a killed process acknowledged but did not record."""
        self._ledger = ledger
        self._lifecycle = lifecycle
        self._rules = rules
        self._clock = clock
        self._reply_of = reply_of
        self._lives: dict[str, tuple[asyncio.Task[None], Life]] = {}
        self._closing = False

    async def request(
        self, request: Request, place: policy.Place, acknowledge: Callable[[], Awaitable[int]]
    ) -> None:
        """Decide, reserve, acknowledge, begin. Raises `Refused`, and then nothing was bought.

        `acknowledge` returns the reply's message id; it is called before the decision only when
        that takes too long, and may be called twice. Raises what `acknowledge` raises.
        """
        decision = asyncio.create_task(self._decide(request, place))
        done, _ = await asyncio.wait({decision}, timeout=WATCHDOG_SECONDS)
        if not done:
            with suppress(Unanswered):  # tried again below, where the row is there to be released
                await acknowledge()
        generation = await decision
        try:
            message_id = await acknowledge()
        except BaseException:
            await asyncio.shield(self._give_back(generation))
            raise
        self._begin(replace(generation, message_id=message_id))

    async def resume(self) -> int:
        """Take over what an earlier process left; returns how many generations go on."""
        rows = await self._ledger.claim()
        unrecorded = [row.request for row in rows if row.message_id is None]
        found = await asyncio.gather(*(self._reply_of(request) for request in unrecorded))
        replies = {request.id: reply for request, reply in zip(unrecorded, found, strict=True)}
        for row in rows:
            message_id = row.message_id or replies[row.id]
            if message_id is None and row.status is Status.QUEUED:
                await self._abandon(row)  # it never became visible: nobody is waiting
            else:
                self._begin(replace(row, message_id=message_id))
        return len(self._lives)

    async def find(self, generation_id: str) -> Generation | None:
        return await self._ledger.find(generation_id)

    async def history(self, user_id: int) -> list[Generation]:
        """The person's last images that are still stored, newest first."""
        return await self._ledger.stored(user_id, HISTORY)

    async def form(self, generation: Generation, limit: int) -> Form | None:
        """Its reply's last form, within `limit` bytes of image; None where it is not stored."""
        return await self._lifecycle.form(generation, limit)

    async def cancel(self, generation_id: str) -> bool:
        """Ask for it to be canceled. False: it has ended already, or never was."""
        row = await self._ledger.request_cancel(generation_id, now=self._clock.now())
        if row is None:
            return False
        if generation_id in self._lives:
            _, life = self._lives[generation_id]
            life.canceled_by_somebody = True
            life.wake.set()
        return True

    async def figures(self, user_id: int) -> Figures:
        now = policy.Windows.at(self._clock.now())
        used = await self._ledger.quota_used(user_id, now.day)
        return Figures(
            today=await self._ledger.usage(user_id, now.day),
            month=await self._ledger.usage(user_id, now.month),
            all_time=await self._ledger.usage(user_id),
            quota=Quota(self._rules.user_daily_images, used, now.next_day),
            recent=tuple(await self._ledger.recent(user_id, RECENT)),
        )

    async def sweep(self, age_ms: int) -> int:
        """Remove stored images older than that, but those that are still to be delivered."""
        keep = await self._ledger.unended_images()
        return await self._lifecycle.sweep(self._clock.now() - age_ms, keep)

    async def close(self, grace: float) -> int:
        """Take no new work, give what runs `grace` seconds, leave the rest to the next start.

        Returns how many generations were left.
        """
        self._closing = True
        self._lifecycle.closing()
        tasks = [task for task, _ in self._lives.values()]
        for _, life in self._lives.values():
            life.wake.set()  # who only waits for a turn has nothing to wait for now
        left: set[asyncio.Task[None]] = set()
        if tasks:
            log.info("draining", extra={"running": len(tasks), "grace": grace})
            _, left = await asyncio.wait(tasks, timeout=grace)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._lifecycle.closed()
        return len(left)

    async def _decide(self, request: Request, place: policy.Place) -> Generation:
        if self._closing:
            raise Closing
        policy.screen(request.prompt, request.model, place, self._rules.policy)
        now = self._clock.now()
        windows = policy.Windows.at(now)
        return await self._ledger.reserve(
            request,
            now=now,
            price_micros=self._rules.prices.get(request.model),
            user=Limit(self._rules.user_daily_images, windows.day, windows.next_day),
            installation=Limit(self._rules.monthly_images, windows.month, windows.next_month),
            capacity=self._rules.capacity,
        )

    async def _give_back(self, row: Generation) -> None:
        """Abandon it; where that cannot be recorded now, a canceled life goes on trying."""
        try:
            await self._abandon(row)
        except Exception:
            log.exception("not given back yet", extra={"generation": row.id})
            self._begin(row, canceled=True)

    async def _abandon(self, row: Generation) -> None:
        """End, uncharged, what nobody can see: it was never acknowledged, so never bought."""
        await self._ledger.finish(
            row, Status.CANCELED, now=self._clock.now(), bought=False, error="unanswered"
        )
        await self._ledger.told(row)

    def _begin(self, row: Generation, *, canceled: bool = False) -> None:
        life = self._lifecycle.life(row)
        life.canceled_by_somebody |= canceled
        task = asyncio.create_task(self._lifecycle.live(row, life), name=f"generation {row.id}")
        self._lives[row.id] = task, life
        task.add_done_callback(lambda done: self._ended(row.id, done))

    def _ended(self, generation_id: str, task: asyncio.Task[None]) -> None:
        self._lives.pop(generation_id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("generation left", exc_info=error, extra={"generation": generation_id})
