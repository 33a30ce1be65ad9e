"""Several predictions with one reply: they wait for one another, and are delivered together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from typing import Protocol, TypeAlias

from bot.clock import Clock
from bot.domain.generation import Delivery, Generation
from bot.domain.picture import Form

#: Who waits for siblings looks so often, though they wake it.
LOOK_SECONDS = 60.0

Call: TypeAlias = Callable[[], Coroutine[None, None, Delivery]]


class Reply(Protocol):
    """The one message of a request; its ends say what became of them."""

    @property
    def gone(self) -> bool: ...

    def show(self, content: str, button: str | None) -> None: ...

    def whisper(self, say: Callable[[], Awaitable[None]]) -> None:
        """Say something aside to whoever asked, as soon as that is possible."""

    async def finish(self, content: str, appeal: str = "") -> Delivery:
        """`appeal`: the generation whose rejection may be appealed against."""

    async def rest(self, content: str, button: str | None) -> None:
        """What it shows for as long as a moderator takes."""

    @property
    def published_id(self) -> int | None:
        """The image's own message, where it is not in the reply."""

    async def deliver(self, form: Callable[[int], Awaitable[Form]]) -> Delivery:
        """`form` makes the last form within so many bytes of image."""

    async def mention(self, content: str) -> None:
        """Tell whoever asked, where they would not notice by themselves; it may fail."""

    def stop(self) -> None: ...


class Batch:
    """The rows of one request that live in this process; each ends by itself, the reply once.

    A row is open until its images are stored or it has ended, and there until its life is over.
    """

    def __init__(
        self,
        reply: Reply,
        rows: Sequence[Generation],
        lives: Collection[str],
        clock: Clock,
        progress: Callable[[str, int, int], str],
    ) -> None:
        """`rows` are all of the request, `lives` the ids of those that have a life now.

        `progress`: the words about one, made those about all, of whose images so many are ready.
        """
        self._reply = reply
        self._clock = clock
        self._progress = progress
        self._asked = rows[0].request.asked
        self._ready = {row.id: len(row.outputs) for row in rows}
        self._open, self._there = list(lives), set(lives)
        self._unended = set(lives)
        self._said: dict[str, tuple[str, str | None]] = {}
        self._settled, self._all_ended = asyncio.Event(), asyncio.Event()
        self._calls: dict[str, asyncio.Task[Delivery]] = {}
        self._mention: str | None = None

    def show(self, generation_id: str, content: str, button: str | None) -> None:
        """Of all that are open, the first one's progress is shown."""
        self._said[generation_id] = (content, button)
        self._show()

    async def deliver(self, row: Generation, deliver: Call) -> Delivery:
        """Once all have settled, deliver, once for all of them."""
        self._ready[row.id] = len(row.outputs)
        self._settle(row.id)
        self._show()
        await self._until(self._settled)
        return await self._once("deliver", deliver)

    async def tell(self, row: Generation, tell: Call) -> Delivery:
        """Once all have ended, say how, once for all of them."""
        self._end(row.id)
        self._show()
        await self._until(self._all_ended)
        return await self._once("tell", tell)

    def over(self, generation_id: str, mention: str | None) -> str | None:
        """Its life is over; the last one learns what is to be mentioned, by whomever."""
        self._mention = self._mention or mention
        self.leave(generation_id)
        return None if self._there else self._mention

    def leave(self, generation_id: str) -> None:
        """Its life is over, however: nobody waits for it any more."""
        self._end(generation_id)
        self._there.discard(generation_id)
        if not self._there:
            self._reply.stop()
            for call in self._calls.values():
                call.cancel()

    def is_last(self, generation_id: str) -> bool:
        """Whether all its siblings have ended, or wait for a moderator."""
        return self._unended <= {generation_id}

    def delivered(self) -> bool:
        """Whether the images were delivered by this process."""
        call = self._calls.get("deliver")
        return call is not None and _outcome(call) is Delivery.SENT

    async def _until(self, event: asyncio.Event) -> None:
        """Every row has deadlines, so this ends; it is looked at now and then all the same."""
        while not event.is_set():
            await self._clock.wait(event, LOOK_SECONDS)

    def _settle(self, generation_id: str) -> None:
        if generation_id in self._open:
            self._open.remove(generation_id)
        if not self._open:
            self._settled.set()

    def _end(self, generation_id: str) -> None:
        self._settle(generation_id)
        self._unended.discard(generation_id)
        if not self._unended:
            self._all_ended.set()

    def _show(self) -> None:
        said = next((self._said[id] for id in self._open if id in self._said), None)
        if said is not None:
            content, button = said
            ready = sum(self._ready.values())
            self._reply.show(self._progress(content, ready, self._asked), button)

    async def _once(self, name: str, call: Call) -> Delivery:
        """What came of it, for all who ask; whoever comes back after trouble begins it anew."""
        under_way = self._calls.get(name)
        if under_way is None or (
            under_way.done() and _outcome(under_way) in (None, Delivery.LATER)
        ):
            under_way = self._calls[name] = asyncio.create_task(call(), name=f"{name} together")
        return await asyncio.shield(under_way)


def _outcome(call: asyncio.Task[Delivery]) -> Delivery | None:
    """None: there is none, or none yet."""
    if not call.done() or call.cancelled() or call.exception() is not None:
        return None
    return call.result()
