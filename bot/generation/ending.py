"""The end of a generation as people see it: its images and its siblings', or how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from bot import wording
from bot.clock import Clock
from bot.domain.generation import Delivery, Generation, Status
from bot.domain.picture import Form
from bot.generation.gallery import UNUSABLE, Gallery
from bot.generation.watch import Life
from bot.refusals import pictures as picture_refusals
from bot.refusals.pictures import Failure
from bot.storage.appeals import open_to
from bot.storage.ledger import Ledger
from bot.wording import several

#: How a generation ended is tried to be said for this long.
TELL_FOR_MS = 3_600_000
#: After trouble with Discord it is tried again this much later.
RETRY_SECONDS = 10.0
#: What a long wait is for a direct message, where LONG_WAIT_MENTION is none.
NOTIFY_SECONDS = 60.0


class Endings:
    """Shows ends. All rows of a request have one reply, which shows what came of all of them.

    It is read from the ledger, so that an edit after a restart drops nothing that was there before.
    """

    def __init__(
        self, ledger: Ledger, gallery: Gallery, clock: Clock, long_wait_seconds: float | None
    ) -> None:
        self._ledger = ledger
        self._gallery = gallery
        self._clock = clock
        self._long_wait = long_wait_seconds

    async def form(self, row: Generation, limit: int) -> Form | None:
        """The reply's last form from what is stored; None where it is not (any more)."""
        alone = row.request.predictions == 1
        rows = [row] if alone else await self._ledger.request(row.id)
        return await self._gallery.form(rows, limit)

    async def deliver(self, row: Generation, life: Life) -> Delivery:
        """The images, once all siblings have theirs or have ended.

        Raises FileNotFoundError where none of the row's is stored (any more), ProviderTrouble
        where none can be shown, OutputTakenDown where none may be.
        """
        if life.batch is None:
            return await self._gallery.deliver([row], life.reply)
        if not await self._gallery.has(row):
            raise FileNotFoundError
        return await life.batch.deliver(row, partial(self._deliver_all, row, life))

    async def tell(self, row: Generation, life: Life) -> None:
        """Say how it ended. The token is erased only then, so a restart knows what is untold."""
        error = life.error or picture_refusals.failure(row.error)
        until = (row.ended_at or self._clock.now()) + TELL_FOR_MS
        while await self._tell(row, life, error) is Delivery.LATER and self._clock.now() < until:
            await life.pause(self._clock, RETRY_SECONDS)
        await self._ledger.told(row)

    async def over(self, generation_id: str, row: Generation | None, life: Life) -> None:
        """Nothing more is shown of this one (None: it goes on elsewhere).

        Whoever waited for long is told when the last of a request is over.
        """
        content = wording.ready(row) if row is not None and self._was_long(row) else None
        if life.batch is not None:
            content = life.batch.over(generation_id, content)
        if content is not None:
            await life.reply.mention(content)

    async def _tell(self, row: Generation, life: Life, error: Failure) -> Delivery:
        if life.batch is None:
            return await life.reply.finish(several.ended([row], error), _to_appeal([row]))
        return await life.batch.tell(row, partial(self._tell_all, row, life, error))

    async def _deliver_all(self, row: Generation, life: Life) -> Delivery:
        return await self._gallery.deliver(await self._ledger.request(row.id), life.reply)

    async def _tell_all(self, row: Generation, life: Life, error: Failure) -> Delivery:
        """Where images were shown, they still are, and with them what became of the others."""
        rows = await self._ledger.request(row.id)
        if all(each.status is not Status.DELIVERED for each in rows):
            return await life.reply.finish(several.ended(rows, error), _to_appeal(rows))
        if life.batch is not None and life.batch.delivered():
            return Delivery.SENT
        for each in rows:  # by an earlier process, which may not have known of this one's end
            if each.status is Status.DELIVERED and not await self._gallery.has(each):
                return Delivery.SENT
        try:
            return await self._gallery.deliver(rows, life.reply)
        except UNUSABLE:
            return Delivery.SENT

    def _was_long(self, row: Generation) -> bool:
        """Whether it was delivered, still wanted, after a wait that nobody sits through.

        Who wants a direct message then gets one where nobody is mentioned, too.
        """
        wanted = row.status is Status.DELIVERED and row.cancel_requested_at is None
        long = NOTIFY_SECONDS if row.request.notify else None
        if row.request.mention or row.request.notify:
            long = self._long_wait or long
        if long is None or not wanted:
            return False
        return (row.ended_at or 0) - row.created_at > long * 1000


def _to_appeal(rows: Sequence[Generation]) -> str:
    row = open_to(rows)
    return row.id if row is not None else ""
