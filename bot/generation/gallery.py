"""Finished pictures on their way to a reply: fetched, stored, fitted, delivered; few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from contextlib import aclosing, closing
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from bot import tally
from bot.clock import Clock
from bot.domain.attached import names
from bot.domain.generation import Delivery, Generation, Status
from bot.domain.picture import MOST_PICTURES, File, Form, Picture, Stored, close
from bot.errors import OutputTakenDown, ProviderError, ProviderTrouble
from bot.generation.batch import Reply
from bot.generation.tray import Tray
from bot.generation.watch import Life, Predictor
from bot.pictures.store import ImageStore
from bot.storage.lineage import Lineage
from bot.storage.takedowns import Takedowns
from bot.threads import Threads
from bot.wording import several

if TYPE_CHECKING:  # not while it starts
    from bot.pictures.images import Fitted
#: Images on their way in, and out, at once, whatever the number of requests. Apart, so that neither
#: a slow file host nor a Discord outage holds up the other. Each has at most about 2 MiB in memory.
FETCHED_AT_ONCE = 8
DELIVERED_AT_ONCE = 12
#: Replies with several images, ten at most: they have turns of their own.
SEVERAL_AT_ONCE = 2
#: Threads for pixels: so many pictures are decoded at once. Neither an acknowledgement nor a
#: download must wait for one that is made smaller.
PIXEL_THREADS = 2
#: The provider keeps outputs for an hour; after ten minutes of trouble we give up on one.
FETCH_FOR_MS = 10 * 60_000
#: Between attempts to fetch: doubled from the first to the second.
FETCH_PAUSES = (1.0, 60.0)
#: What arrives whole but is no picture will not become one.
BROKEN_AT_MOST = 3
#: What is raised of a stored picture that is not shown: gone, broken, too large, taken down since.
UNUSABLE = (FileNotFoundError, ProviderTrouble, OutputTakenDown)


class Gallery:
    """The only place where images are read and written; their bytes stay in the store."""

    def __init__(
        self,
        store: ImageStore,
        predictor: Predictor,
        clock: Clock,
        takedowns: Takedowns,
        lineage: Lineage,
    ) -> None:
        self._store = store
        self._predictor = predictor
        self._clock = clock
        self._takedowns = takedowns
        self._lineage = lineage
        self._fetching = asyncio.Semaphore(FETCHED_AT_ONCE)
        self._delivering = asyncio.Semaphore(DELIVERED_AT_ONCE)
        self._delivering_several = asyncio.Semaphore(SEVERAL_AT_ONCE)
        self._tray = Tray()
        self._pixels = Threads(PIXEL_THREADS, "pixels", spread=True)

    async def fetch(self, row: Generation, urls: Sequence[str], life: Life) -> list[Stored | None]:
        """Fetch a prediction's outputs and store them; None for one that cannot be had.

        At most as many as one message shows. Raises ProviderTrouble when none can be had, and
        OutputTakenDown where none may be.
        """
        if len(urls) == 1:
            return [await self._fetch(row, row.id, urls[0], life)]
        stems = [row.id, *(f"{row.id}-{number}" for number in range(1, MOST_PICTURES))]
        async with asyncio.TaskGroup() as group:
            named = zip(urls, stems, strict=False)
            tasks = [group.create_task(self._tried(row, stem, url, life)) for url, stem in named]
        found = [task.result() for task in tasks]
        outputs = [each if isinstance(each, Stored) else None for each in found]
        if not any(outputs):
            raise next(each for each in found if isinstance(each, ProviderError))
        return outputs

    async def _tried(
        self, row: Generation, stem: str, url: str, life: Life
    ) -> Stored | ProviderError:
        try:
            return await self._fetch(row, stem, url, life)
        except ProviderError as error:
            return error

    async def _fetch(self, row: Generation, stem: str, url: str, life: Life) -> Stored:
        began, pause, broken = self._clock.now(), FETCH_PAUSES[0], 0
        while True:
            try:
                async with self._fetching:
                    stored = await self._receive(row, stem, url)
            except OutputTakenDown:
                raise
            except ProviderError as error:
                tally.PROVIDER_CALLS.add("download", error.code)
                if self._clock.now() >= began + FETCH_FOR_MS:
                    raise
            else:
                tally.PROVIDER_CALLS.add("download", "ok")
                if stored is not None:
                    return stored
                broken += 1
                if broken == BROKEN_AT_MOST:
                    raise ProviderTrouble("the output is not one whole picture")
            await life.pause(self._clock, pause)
            pause = min(pause * 2, FETCH_PAUSES[1])

    async def _receive(self, row: Generation, stem: str, url: str) -> Stored | None:
        """None: what arrived is not one whole picture."""
        with closing(self._store.spool()) as spool:
            async with aclosing(self._predictor.download(url)) as chunks:
                async for chunk in chunks:
                    if spool.add(chunk):
                        await self._store.flush(spool)
            try:
                kept = await self._store.keep(stem, spool, row.request.model)
            except ProviderTrouble:
                return None
        try:
            await self._require_allowed(kept.stored)
        except OutputTakenDown:
            await self._store.remove([kept.stored.name])
            raise
        self._tray.put(row.id, kept)
        return kept.stored

    async def _require_allowed(self, output: Stored) -> None:
        """Raises OutputTakenDown."""
        if await self._refuses(output.sha256):
            raise OutputTakenDown

    async def _refuses(self, sha256: str) -> bool:
        """Not what an earlier version stored: of that no hash is known."""
        return bool(sha256) and await self._takedowns.refuses(sha256)

    async def has(self, row: Generation) -> bool:
        """Whether any of its pictures is still stored."""
        names = {output.name for output in row.outputs}
        return await self._store.missing(names) != names

    async def missing(self, names: Collection[str]) -> set[str]:
        """Which of these are not stored (any more)."""
        return await self._store.missing(names)

    async def holds(self, name: str) -> bool:
        """Whether it is stored."""
        return not await self._store.missing([name])

    async def deliver(self, rows: Sequence[Generation], reply: Reply) -> Delivery:
        """Hand the stored pictures of one request to its reply.

        Raises OSError where none is stored, ProviderTrouble where none fits the limit,
        OutputTakenDown where none may be shown.
        """
        async with self._turn(rows):
            return await reply.deliver(partial(self._form, rows))

    async def form(self, rows: Sequence[Generation], limit: int) -> Form | None:
        """The reply's last form within `limit` bytes an image; None where none is stored."""
        async with self._turn(rows):
            try:
                return await self._form(rows, limit)
            except (OSError, ProviderTrouble, OutputTakenDown):
                return None

    async def for_review(self, rows: Sequence[Generation], limit: int) -> tuple[Picture, ...]:
        """What a moderator has to see, each a spoiler of at most `limit` bytes.

        First what was made, then what it starts from, of all rows the same; at most as many as one
        message shows, and nothing that was taken down since. Raises OSError, or ProviderTrouble,
        where one of them cannot be shown.
        """
        request, first = rows[0].request, rows[0]
        made = [(row.id, each.name, each.sha256) for row in rows for each in row.outputs]
        attached = zip(names(first.id, request.pictures), request.pictures, strict=True)
        begun = [("", name, picture.sha256) for name, picture in attached]
        alts = several.alt_texts(request, len(made)) if made else []
        alts += several.input_texts(len(begun))
        found = []
        async with self._delivering_several:
            shown = list(zip([*made, *begun], alts, strict=True))[:MOST_PICTURES]
            for (of, name, sha256), alt in shown:
                if await self._refuses(sha256):
                    continue
                fitted = await self._fitted(of, name, request.model, limit)
                file_name = f"review-{Path(name).stem}.{fitted.image.extension}"
                found.append(Picture(file_name, fitted.image, fitted.file, alt))
        return tuple(found)

    def _turn(self, rows: Sequence[Generation]) -> asyncio.Semaphore:
        several = sum(len(row.outputs) for row in rows) > 1
        return self._delivering_several if several else self._delivering

    async def sweep(self, older_than: int, keep: Collection[str]) -> int:
        """Remove stored pictures older than that (UTC milliseconds); returns how many."""
        return await self._store.sweep(older_than, keep)

    async def remove(self, names: Collection[str]) -> None:
        """Remove these stored pictures, wherever they still are."""
        for name in names:
            self._tray.take(name)
        await self._store.remove(names)

    async def remove_copies(self, interaction_id: int | None = None) -> None:
        """Of images that are not to be seen any more, which others were begun from."""
        await self.remove(await self._lineage.copies(interaction_id))

    def forget(self, generation_id: str) -> None:
        """Its life is over: what it stored need not be in memory."""
        self._tray.forget(generation_id)

    def close(self) -> None:
        self._pixels.close()

    async def _form(self, rows: Sequence[Generation], limit: int) -> Form:
        """With all pictures that are still usable; raises what is wrong where none is."""
        request = rows[0].request
        found: list[tuple[str, Fitted]] = []
        trouble: Exception = FileNotFoundError("none of them is to be shown (any more)")
        for of, output in _shown(rows):
            try:
                await self._require_allowed(output)  # it may have been at the desk meanwhile
                fitted = await self._fitted(of, output.name, request.model, limit)
                found.append((output.name, fitted))
            except UNUSABLE as error:
                trouble = error
        if not found:
            raise trouble
        alts = several.alt_texts(request, len(found))
        pictures = [
            Picture(
                f"imagine-{Path(name).stem}.{fitted.image.extension}",
                fitted.image,
                fitted.file,
                alt,
            )
            for (name, fitted), alt in zip(found, alts, strict=True)
        ]
        changes = {fitted.change for _, fitted in found}
        spoiler = any(row.request.spoiler for row in rows)
        parent = await self._lineage.parent(rows[0])
        return Form(several.finished(rows, changes, parent), tuple(pictures), spoiler)

    async def _fitted(self, of: str, name: str, model: str, limit: int) -> Fitted:
        """`of`: the generation that made it; "": it was attached.

        Where other bytes go out than are stored, that is recorded first: they can be taken down.
        """
        from bot.pictures.images import Fitted  # noqa: PLC0415 - not while it starts

        kept = self._tray.take(name)
        if kept is not None and kept.content is not None and kept.image.size <= limit:
            return Fitted(kept.image, BytesIO(kept.content))
        file = await self._store.file(name)
        fitted = None
        try:
            fitted = await self._made(file, limit, model)
        finally:
            if fitted is None or fitted.file is not file:
                close(file)
        if of and fitted.sha256:
            await self._takedowns.delivered(of, fitted.sha256)
        return fitted

    async def _made(self, file: File, limit: int, model: str) -> Fitted:
        from bot.pictures.images import as_stored, made_to_fit  # noqa: PLC0415 - not while it starts

        fitted = await self._store.threads.run(as_stored, file, limit, model)
        if fitted is None:
            fitted = await self._pixels.run(made_to_fit, file, limit, model)
        return fitted


def _shown(rows: Sequence[Generation]) -> list[tuple[str, Stored]]:
    """Each, and which generation made it.

    Never those of a row that has failed for all that, or that is sealed.
    """
    with_images = (Status.DELIVERING, Status.DELIVERED, Status.KEPT)
    shown = (row for row in rows if row.status in with_images and row.sealed_until is None)
    return [(row.id, output) for row in shown for output in row.outputs][:MOST_PICTURES]
