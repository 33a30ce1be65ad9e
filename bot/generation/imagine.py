"""The service behind `/imagine`: takes requests, sees every generation to its end, and stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from typing import Any

from bot.clock import Clock
from bot.domain.generation import Generation, Request, Status
from bot.domain.limits import Spent
from bot.domain.picture import Form
from bot.errors import Unanswered
from bot.generation import milestones
from bot.generation.lifecycle import Lifecycle
from bot.generation.underway import UnderWay
from bot.policy import Place
from bot.record import replace
from bot.refusals import Closing
from bot.request.admission import Admission, Admitted
from bot.request.input import Chosen
from bot.storage.ledger import Ledger
from bot.storage.peer import Peer, Topic

log = logging.getLogger(__name__)

#: Discord gives up on an unanswered command after 3 s; deferring at half of that leaves room for
#: the network.
WATCHDOG_SECONDS = 1.5
#: Whose reply may not exist: nobody was acknowledged yet, and nothing was bought.
_UNSEEN = (Status.PROPOSED, Status.QUEUED)


class Imagine:
    """One per client; what it takes on is under way here, or handed over to who carries it."""

    def __init__(
        self,
        ledger: Ledger,
        lifecycle: Lifecycle,
        admission: Admission,
        clock: Clock,
        reply_of: Callable[[Request], Awaitable[int | None]],
        announce: Callable[[int | None, list[Spent]], Awaitable[None]],
        peer: Peer,
    ) -> None:
        """`reply_of` finds a reply that a killed process acknowledged but did not record.

        `announce` tells a server's managers and the operator of budgets that are nearly spent.
        `peer`: what this process carries, and whom it hands over the rest.
        """
        self._ledger = ledger
        self._lifecycle = lifecycle
        self._admission = admission
        self._clock = clock
        self._reply_of = reply_of
        self._announce = announce
        self._peer = peer
        self.under_way = UnderWay(lifecycle, self.withdraw)
        self._deciding: set[asyncio.Task[None]] = set()
        self._closing = False

    def here(self, request: Request) -> Request:
        """As its channel's settings have it answered: the reply's privacy among them."""
        return self._admission.here(request)

    async def request(
        self,
        request: Request,
        chosen: Chosen,
        place: Place,
        acknowledge: Callable[[], Awaitable[int]],
    ) -> list[Spent]:
        """Decide, reserve, acknowledge, begin. Raises `Refused`, and then nothing was bought.

        `request` needs no model and no options: they follow from what was `chosen`.

        `acknowledge` returns the reply's message id; it is called before the decision only when
        that takes too long, and may be called twice. Raises what `acknowledge` raises.
        Returns the limits it counts in, and what is used of them by now.
        """
        decision = asyncio.create_task(self._decide(request, chosen, place))
        done, _ = await asyncio.wait({decision}, timeout=WATCHDOG_SECONDS)
        if not done:
            with suppress(Unanswered):  # tried again below, where the row is there to be released
                await acknowledge()
        admitted = await decision
        milestones.reserved(admitted.generations)
        try:
            message_id = await acknowledge()
        except BaseException:
            if not self._closing:  # else the next start asks Discord whether it was answered
                await asyncio.shield(self._give_back(admitted.generations))
            raise
        self._begin([replace(row, message_id=message_id) for row in admitted.generations])
        return await self._standing(admitted)

    async def _standing(self, admitted: Admitted) -> list[Spent]:
        """What is used by now; it has begun already, so nothing here may raise."""
        request = admitted.generations[0].request
        try:
            spent = await self._admission.spent(request, admitted.limits)
        except Exception:
            log.exception("limits not read", extra={"generation": request.id})
            return []
        await self._announce(request.guild_id, spent)
        return spent

    async def resume(self) -> int:
        """Take over what an earlier process left; returns how many generations go on."""
        await self.adopt(await self._peer.claim())
        return len(self.under_way.ids)

    async def adopt(self, rows: Iterable[Generation]) -> None:
        """Carry on what is this process's by now, from wherever it is."""
        requests: dict[int, list[Generation]] = {}
        for row in rows:
            if row.id not in self.under_way.ids and not self._closing:
                requests.setdefault(row.request.interaction_id, []).append(row)
        await asyncio.gather(*map(self._resume, requests.values()))

    async def _resume(self, rows: list[Generation]) -> None:
        """What is not done of one request."""
        request, siblings = rows[0].request, []
        if request.predictions > 1:
            ids = {row.id for row in rows}
            every = await self._ledger.request(request.id)
            siblings = [row for row in every if row.id not in ids]
        known = (row.message_id for row in (*rows, *siblings) if row.message_id is not None)
        message_id = next(known, None) or await self._reply_of(request)
        if message_id is not None or any(row.status not in _UNSEEN for row in rows):
            self._begin([replace(row, message_id=message_id) for row in rows], siblings)
            return
        for row in rows:
            await self._abandon(row)  # it never became visible: nobody is waiting

    def whisper(self, generation_id: str, say: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Say something aside to whoever asked, as soon as that is possible."""
        if not self.under_way.whisper(generation_id, say) and not self._peer.role.carries:
            self._carry_out(say(), f"aside {generation_id}")

    def nudge(self, generation_id: str) -> bool:
        """The provider says that its prediction has ended. False: it is not under way here."""
        here = self.under_way.nudge(generation_id)
        if not here:
            self._peer.tell(Topic.WAKE, generation_id)
        return here

    async def find(self, generation_id: str) -> Generation | None:
        return await self._ledger.find(generation_id)

    async def unended(self, generation_id: str) -> Generation | None:
        """A row of its request that has not ended; None: all have, or it never was.

        An appeal is not under way: what it is about was decided, and is not canceled any more.
        """
        rows = await self._ledger.request(generation_id)
        under_way = (row for row in rows if not row.status.ended)
        return next((row for row in under_way if row.status is not Status.APPEALING), None)

    async def form(self, generation: Generation, limit: int) -> Form | None:
        """Its reply's last form, within `limit` bytes of image; None where it is not stored."""
        return await self._lifecycle.endings.form(generation, limit)

    async def cancel(self, generation_id: str) -> bool:
        """Ask for its request to be canceled. False: it has ended already, or never was."""
        rows = await self._ledger.request_cancel(generation_id, now=self._clock.now())
        self.canceled([row.id for row in rows])
        self._peer.tell(Topic.CANCELED, " ".join(row.id for row in rows))
        return bool(rows)

    def canceled(self, ids: Iterable[str]) -> None:
        """The intent to cancel these rows is recorded: those that are under way here act on it.

        Those that wait for a moderator have no life, and are begun again to end.
        """
        for id in ids:
            if not self.under_way.cancel(id):
                self.withdraw(id)

    def withdraw(self, generation_id: str) -> None:
        """End what waits for a moderator of its request, where somebody has canceled that."""
        if not self._closing:
            self._carry_out(self._withdraw(generation_id), f"canceled {generation_id}")

    async def _withdraw(self, generation_id: str) -> None:
        """Begin it once all lives that are handing it over have ended: they look no more."""
        rows = await self._ledger.request(generation_id)
        while ending := self.under_way.ending([row for row in rows if row.status.at_desk]):
            await asyncio.wait(ending)
            rows = await self._ledger.request(generation_id)
        waiting = [row for row in rows if row.status.at_desk and row.cancel_requested_at]
        if waiting and not self._closing:
            ids = {row.id for row in waiting}
            waiting = await self._peer.take(waiting)
            self._begin(waiting, [row for row in rows if row.id not in ids])

    def go_on(self, rows: Sequence[Generation]) -> None:
        """A moderator has decided about these rows of one request: carry on from there.

        Lives that are just handing them over end first. Whatever is not begun is, at a restart.
        """
        milestones.decided(rows)
        if rows and not self._closing:
            self._carry_out(self._go_on(list(rows)), f"decided {rows[0].id}")

    def _carry_out(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._deciding.add(task)
        task.add_done_callback(self._deciding.discard)

    async def _go_on(self, rows: list[Generation]) -> None:
        while ending := self.under_way.ending(rows):
            await asyncio.wait(ending)
        if not self._closing and (rows := await self._peer.take(rows)):
            await self._resume(rows)

    def closing(self) -> None:
        """Take no new work; what is being acknowledged is left to the next start, as if killed."""
        self._closing = True

    async def close(self, grace: float) -> int:
        """Take no new work, give what runs `grace` seconds, leave the rest to the next start.

        Returns how many generations were left.
        """
        self.closing()
        left = await self.under_way.close(grace)
        unfinished = left | self._deciding
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        await self._lifecycle.closed()
        return len(left)

    async def _decide(self, request: Request, chosen: Chosen, place: Place) -> Admitted:
        if self._closing:
            raise Closing
        return await self._admission.admit(request, chosen, place)

    async def _give_back(self, rows: Sequence[Generation]) -> None:
        """Abandon them; where that cannot be recorded now, canceled lives go on trying."""
        left = []
        for row in rows:
            try:
                await self._abandon(row)
            except Exception:
                log.exception("not given back yet", extra={"generation": row.id})
                left.append(row)
        if left:
            self.under_way.begin(left, canceled=True)

    async def _abandon(self, row: Generation) -> None:
        """End, uncharged, what nobody can see: it was never acknowledged, so never bought."""
        ended = await self._ledger.finish(
            row, Status.CANCELED, now=self._clock.now(), bought=False, error="unanswered"
        )
        milestones.abandoned(ended)
        await self._ledger.told(row)

    def _begin(self, rows: Sequence[Generation], siblings: Sequence[Generation] = ()) -> None:
        """Lives for rows of one request; elsewhere, where this process carries none."""
        if self._peer.role.carries:
            self.under_way.begin(rows, siblings)
        else:
            self._carry_out(self._hand_over(rows), "handing over")

    async def _hand_over(self, rows: Sequence[Generation]) -> None:
        """Whoever carries generations takes them; what fails here is found by a later look."""
        await self._peer.custody.release(rows)
        self._peer.tell(Topic.WAITING)
