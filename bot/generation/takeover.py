"""What other processes leave: found within a second or two, and carried on here."""

from __future__ import annotations

import asyncio
import logging

from bot.clock import Clock
from bot.errors import StorageError
from bot.generation.imagine import Imagine
from bot.generation.purchase import Budgets
from bot.storage.peer import LOOK_SECONDS, Peer, Topic

log = logging.getLogger(__name__)

#: What is this process's and not under way here was lost between the two (a connection that broke
#: while something was committed); but not while its command is still being answered.
ORPHAN_MS = 60_000


class Takeover:
    """Looks for what is nobody's, for what of ours has no life, and for who canceled elsewhere."""

    def __init__(self, peer: Peer, imagine: Imagine, budgets: Budgets, clock: Clock) -> None:
        self._peer = peer
        self._imagine = imagine
        self._budgets = budgets
        self._clock = clock
        self._stirred = asyncio.Event()
        self._orphans: dict[str, int] = {}
        peer.on(Topic.WAITING, lambda _: self._stirred.set())
        peer.on(Topic.CANCELED, self._canceled)
        peer.on(Topic.WAKE, self._told)

    async def watch(self) -> None:
        """Until it is canceled; alone there is nobody to take over from."""
        while not self._peer.is_alone:
            try:
                await self.look()
            except StorageError as error:  # it comes back, or this process is lost
                log.warning("not looked for others' work", extra={"reason": str(error)})
            except Exception:
                log.exception("not looked for others' work")
            await self._clock.wait(self._stirred, LOOK_SECONDS)
            self._stirred.clear()

    async def look(self) -> None:
        """Once."""
        custody = self._peer.custody
        if self._peer.carries and await custody.claimable():
            rows = await custody.claim()
            if rows:
                log.info("taken over", extra={"generations": len(rows)})
            await self._imagine.adopt(rows)
        held = await custody.held()
        for id, canceled in held.items():
            if canceled:
                self._imagine.under_way.cancel(id)
        await self._adopt_orphans(held.keys() - self._imagine.under_way.ids)
        self._budgets.share(await custody.living())

    async def _adopt_orphans(self, ids: set[str]) -> None:
        now = self._clock.now()
        self._orphans = {id: self._orphans.get(id, now) for id in ids}
        old = [id for id, since in self._orphans.items() if now >= since + ORPHAN_MS]
        if old:
            log.warning("found without a life", extra={"generations": len(old)})
            found = [row for id in old if (row := await self._imagine.find(id)) is not None]
            epoch = self._peer.custody.epoch  # another process may have taken it this moment
            await self._imagine.adopt([row for row in found if row.owner_epoch == epoch])

    def _told(self, generation_id: str) -> None:
        """A webhook came to another process, which is how they come to this one."""
        if self._imagine.under_way.nudge(generation_id):
            self._budgets.webhooks.came()

    def _canceled(self, about: str) -> None:
        for id in about.split():
            self._imagine.under_way.cancel(id)
