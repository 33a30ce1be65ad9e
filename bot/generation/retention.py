"""The end of what is stored: of images and prompts by age, of a person's data when they ask."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from collections.abc import Set as AbstractSet

from bot.clock import Clock
from bot.domain.channel import ChannelPolicy
from bot.domain.limits import DAY_MS
from bot.generation.gallery import Gallery
from bot.generation.imagine import Imagine
from bot.policy import Keep
from bot.storage.people import Erasure
from bot.storage.storage import Storage

log = logging.getLogger(__name__)

#: How far prompts have been erased, among the ledger's facts.
_ERASED_UNTIL = "prompts_erased_until"
#: What was rejected after a day may be appealed against for a week, and that be decided, and
#: delivered, a day later each.
_AGAIN_DAYS = 11
#: How long somebody who asked for erasure waits for what was under way to end.
ERASE_WITHIN_SECONDS = 20.0
_LOOK_SECONDS = 1.0


class Retention:
    """Erases; every step may be repeated, and a restart goes on with what is left."""

    def __init__(
        self,
        storage: Storage,
        imagine: Imagine,
        gallery: Gallery,
        clock: Clock,
        is_lost: Callable[[int, int], bool],
    ) -> None:
        """`is_lost`: whether a server, or this channel of it, is not there any more."""
        self._ledger = storage.ledger
        self._people = storage.people
        self._saved = storage.saved
        self._settings = storage.settings
        self._imagine = imagine
        self._gallery = gallery
        self._clock = clock
        #: What forgets a person who asks for it: what is in memory alone.
        self.forgets: list[Callable[[int], None]] = []
        self._is_lost = is_lost
        #: Whether what an earlier process erased may be in the database's log.
        self._unflushed = True

    async def erase(self, user_id: int) -> bool:
        """All that is stored of a person; what runs is canceled first.

        False: something is still under way, and is erased as soon as it has ended.
        """
        for forget in self.forgets:
            forget(user_id)
        now = self._clock.now()
        erasure, until = Erasure(user_id, now), now + round(ERASE_WITHIN_SECONDS * 1000)
        for generation_id in await self._people.ask_erasure(user_id, now=now):
            await self._imagine.cancel(generation_id)
        while await self._people.underway(erasure) and self._clock.now() < until:
            await self._clock.wait(asyncio.Event(), _LOOK_SECONDS)
        return await self._erased(erasure)

    async def go_on(self) -> int:
        """Erase what has ended since of whoever asked; returns of how many something is left.

        What runs is canceled first: the command line could only leave the wish.
        """
        asked = await self._people.erasures()
        for each in asked:
            for generation_id in await self._people.underway(each):
                await self._imagine.cancel(generation_id)
        left = sum([not await self._erased(each) for each in asked])
        if self._unflushed:
            self._unflushed = not await self._people.flush()
        return left

    async def pass_over(self, keep: Keep) -> None:
        """Erase what is too old."""
        now = self._clock.now()
        await self._people.close_windows(now=now)
        await self._gallery.remove_copies()
        if keep.prompts is not None:
            until = now - keep.prompts * DAY_MS
            await self._people.erase_reasons(until)
            await self._erase_prompts(until)
        saved = await self._saved_files()
        if keep.images is not None:
            stored = await self._ledger.unended_images()
            removed = await self._gallery.sweep(now - keep.images * DAY_MS, stored | saved)
            log.info("images swept", extra={"removed": removed})
        await self._sweep_channels(keep, now, saved)

    async def _saved_files(self) -> set[str]:
        """What members keep for their servers, where that is on.

        What is gone is saved no more, nor what nobody can see: its channel, or the server, is gone.
        """
        found = await self._saved.files()
        gone = await self._gallery.missing([each.name for each in found])
        lost = [each for each in found if self._is_lost(each.guild_id, each.place_id)]
        await self._saved.drop([*lost, *(each for each in found if each.name in gone)])
        policy = self._settings.policy
        return {
            each.name
            for each in found
            if each not in lost and ChannelPolicy.of(policy(each.guild_id), each.place_id).saving
        }

    async def _sweep_channels(self, keep: Keep, now: int, saved: AbstractSet[str]) -> None:
        """Some channels keep images for a shorter time; what is older than all of them is gone."""
        since = 0 if keep.images is None else now - keep.images * DAY_MS
        for guild_id, policy in list(self._settings.policies().items()):
            kept = policy.kept_days()
            for place_id, days in kept.items():
                ended = (since, now - days * DAY_MS)
                names = await self._people.files(guild_id, place_id, kept.keys() - {0}, ended)
                await self._gallery.remove(set(names) - saved)

    async def _erased(self, erasure: Erasure) -> bool:
        """Files first: a row whose file is gone is harmless, a file without a row is not."""
        names = await self._people.images(erasure)
        await self._gallery.remove(names)
        gone = await self._people.erase(erasure, names, now=self._clock.now())
        await self._gallery.remove_copies()
        self._unflushed = not await self._people.flush()
        return gone and not self._unflushed

    async def _erase_prompts(self, until: int) -> None:
        """From where the last pass ended; some days again, for what had not ended then."""
        since = int(await self._ledger.facts.read(_ERASED_UNTIL) or 0)
        if until <= since:
            return
        erased = await self._people.erase_prompts(max(0, since - _AGAIN_DAYS * DAY_MS), until)
        await self._ledger.facts.write(_ERASED_UNTIL, str(until))
        log.info("prompts erased", extra={"erased": erased})
