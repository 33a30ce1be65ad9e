"""Pictures on their way: fetched, stored, fitted, delivered; few at a time, off the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from bot import wording
from bot.clock import Clock
from bot.domain import Delivery, Form, Generation, Image
from bot.errors import ProviderError, ProviderTrouble
from bot.images import ImageStore, inspect, prepare
from bot.watch import Life, Predictor

T = TypeVar("T")

#: Images in memory at once, whatever the number of requests: on their way in, and out. Apart, so
#: that neither a slow file host nor a Discord outage holds up the other.
FETCHED_AT_ONCE = 8
DELIVERED_AT_ONCE = 8
#: Pictures decoded at once. A pool of its own: the loop's default one also resolves names, and an
#: acknowledgement must not wait for a picture.
THREADS = 2
#: The provider keeps outputs for an hour; after ten minutes of trouble we give up on one.
FETCH_FOR_MS = 10 * 60_000
#: Between attempts to fetch: doubled from the first to the second.
FETCH_PAUSES = (1.0, 60.0)
#: What arrives whole but is no picture will not become one.
BROKEN_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture on disk, under `name`; `size` in bytes."""

    name: str
    media_type: str
    size: int


class Gallery:
    """The only place where image bytes are held."""

    def __init__(self, store: ImageStore, predictor: Predictor, clock: Clock) -> None:
        self._store = store
        self._predictor = predictor
        self._clock = clock
        self._fetching = asyncio.Semaphore(FETCHED_AT_ONCE)
        self._delivering = asyncio.Semaphore(DELIVERED_AT_ONCE)
        self._threads = ThreadPoolExecutor(THREADS, "pictures")

    async def fetch(self, row: Generation, url: str, life: Life) -> Stored:
        """Fetch an output and store it. Raises ProviderTrouble when it cannot be had."""
        began, pause, broken = self._clock.now(), FETCH_PAUSES[0], 0
        while True:
            try:
                async with self._fetching:
                    data = await self._predictor.download(url)
                    stored = await self._stored(row.id, data)
            except ProviderError:
                if self._clock.now() >= began + FETCH_FOR_MS:
                    raise
            else:
                if stored is not None:
                    return stored
                broken += 1
                if broken == BROKEN_AT_MOST:
                    raise ProviderTrouble("the output is not one whole picture")
            await life.pause(self._clock, pause)
            pause = min(pause * 2, FETCH_PAUSES[1])

    async def _stored(self, row_id: str, data: bytes) -> Stored | None:
        """None: it is not one whole picture."""
        try:
            image = await self._off_loop(inspect, data)
        except ProviderTrouble:
            return None
        name = await self._off_loop(self._store.write, row_id, image)
        return Stored(name, image.media_type, len(data))

    async def deliver(self, row: Generation, life: Life) -> Delivery:
        """Hand the stored picture to its reply.

        Raises OSError where it is not stored, ProviderTrouble where it fits no limit.
        """
        async with self._delivering:
            image = await self._off_loop(self._store.read, row.image_name or "")
            return await life.reply.deliver(partial(self._form, row, image))

    async def form(self, row: Generation, limit: int) -> Form | None:
        """The reply's last form within `limit` bytes of image; None where it is not stored."""
        async with self._delivering:
            try:
                image = await self._off_loop(self._store.read, row.image_name or "")
                return await self._form(row, image, limit)
            except (OSError, ProviderTrouble):
                return None

    async def sweep(self, older_than: int, keep: Collection[str]) -> int:
        """Remove stored pictures older than that (UTC milliseconds); returns how many."""
        return await self._off_loop(self._store.sweep, older_than, keep)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _form(self, row: Generation, image: Image, limit: int) -> Form:
        fitted = await self._off_loop(prepare, image, limit, row.request.model)
        return Form(
            wording.finished(row, fitted.change), fitted.image, wording.alt_text(row.request)
        )

    async def _off_loop(self, work: Callable[..., T], *arguments: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, work, *arguments)
