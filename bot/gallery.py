"""Pictures on their way: fetched, stored, fitted, delivered; few at a time, off the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import aclosing, closing
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from bot import wording
from bot.clock import Clock
from bot.domain import Delivery, Form, Generation
from bot.errors import ProviderError, ProviderTrouble
from bot.store import ImageStore
from bot.watch import Life, Predictor

T = TypeVar("T")

#: Images on their way in, and out, at once, whatever the number of requests. Apart, so that neither
#: a slow file host nor a Discord outage holds up the other. Each has at most about 2 MiB in memory.
FETCHED_AT_ONCE = 16
DELIVERED_AT_ONCE = 16
#: Threads for files, which mostly wait for the disk, and for pixels: so many pictures are decoded
#: at once. Pools of their own: the loop's default one also resolves names, and an acknowledgement
#: must not wait for a picture, nor a download for one that is made smaller.
FILE_THREADS = 4
PIXEL_THREADS = 2
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
    """The only place where images are read and written; their bytes stay in files."""

    def __init__(self, store: ImageStore, predictor: Predictor, clock: Clock) -> None:
        self._store = store
        self._predictor = predictor
        self._clock = clock
        self._fetching = asyncio.Semaphore(FETCHED_AT_ONCE)
        self._delivering = asyncio.Semaphore(DELIVERED_AT_ONCE)
        self._files = ThreadPoolExecutor(FILE_THREADS, "files")
        self._pixels = ThreadPoolExecutor(PIXEL_THREADS, "pixels")

    async def fetch(self, row: Generation, url: str, life: Life) -> Stored:
        """Fetch an output and store it. Raises ProviderTrouble when it cannot be had."""
        began, pause, broken = self._clock.now(), FETCH_PAUSES[0], 0
        while True:
            try:
                async with self._fetching:
                    stored = await self._receive(row, url)
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

    async def _receive(self, row: Generation, url: str) -> Stored | None:
        """None: what arrived is not one whole picture."""
        with closing(self._store.spool()) as spool:
            async with aclosing(self._predictor.download(url)) as chunks:
                async for chunk in chunks:
                    if spool.add(chunk):
                        await _in(self._files, self._store.flush, spool)
            try:
                name, image = await _in(
                    self._files, self._store.keep, row.id, spool, row.request.model
                )
            except ProviderTrouble:
                return None
        return Stored(name, image.media_type, image.size)

    async def deliver(self, row: Generation, life: Life) -> Delivery:
        """Hand the stored picture to its reply.

        Raises OSError where it is not stored, ProviderTrouble where it fits no limit.
        """
        async with self._delivering:
            return await life.reply.deliver(partial(self._form, row))

    async def form(self, row: Generation, limit: int) -> Form | None:
        """The reply's last form within `limit` bytes of image; None where it is not stored."""
        async with self._delivering:
            try:
                return await self._form(row, limit)
            except (OSError, ProviderTrouble):
                return None

    async def sweep(self, older_than: int, keep: Collection[str]) -> int:
        """Remove stored pictures older than that (UTC milliseconds); returns how many."""
        return await _in(self._files, self._store.sweep, older_than, keep)

    async def remove(self, names: Collection[str]) -> None:
        """Remove these stored pictures, wherever they still are."""
        await _in(self._files, self._store.remove, names)

    def close(self) -> None:
        for pool in (self._files, self._pixels):
            pool.shutdown(wait=False, cancel_futures=True)

    async def _form(self, row: Generation, limit: int) -> Form:
        path, model = self._store.path(row.image_name or ""), row.request.model
        from bot.images import as_stored, made_to_fit  # noqa: PLC0415 - not while it starts

        fitted = await _in(self._files, as_stored, path, limit, model)
        if fitted is None:
            fitted = await _in(self._pixels, made_to_fit, path, limit, model)
        words, alt = wording.finished(row, fitted.change), wording.alt_text(row.request)
        return Form(words, fitted.image, fitted.file, alt)


async def _in(pool: Executor, work: Callable[..., T], *arguments: object) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)
