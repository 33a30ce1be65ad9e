"""Pictures on their way in: fetched from Discord, checked, stored, handed to the provider.

All of it comes before a row stands in line, so that nothing slow is between its turn and its
purchase; what is small is read from the store at that moment. An upload costs nothing and lives for
a day, a row waits for ten minutes at most: so a restart uploads again, and nothing is recorded.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from collections.abc import Awaitable, Callable

from bot.chat.calls import Answer
from bot.clock import Clock
from bot.domain.attached import Attached, made_by, names
from bot.domain.generation import Delivery, Generation
from bot.errors import ProviderError, UploadUnsupported
from bot.generation.logged import fields
from bot.generation.watch import Life, Predictor
from bot.pictures.store import ImageStore
from bot.record import replace
from bot.refusals.pictures import (
    PictureGone,
    PictureRefused,
    PictureTakenDown,
    PictureUnsendable,
)
from bot.request.alarm import Alarm
from bot.storage.ledger import Ledger
from bot.storage.takedowns import Takedowns
from bot.threads import Threads

log = logging.getLogger(__name__)

#: Pictures that are fetched and made clean at once, each with at most `MOST_BYTES` in memory.
PICTURES_AT_ONCE = 4
#: Decoded at once, apart from what is delivered: strangers choose these bytes, and some are slow.
#: What a purchase waits for is apart from that.
PIXEL_THREADS = 1
FILE_THREADS = 2
#: Bytes of a picture that goes in the input itself. Replicate's OpenAPI: data URLs take up to
#: 256 kB, of which base64 leaves three quarters.
SMALL = 256_000 * 3 // 4 - 64
#: The same where the provider takes no files: six million characters of JSON, which take 22 ms of
#: the event loop. No gateway says what it takes.
MOST_INLINE = 4 << 20
#: Discord may be unwell for so long before a picture is given up.
FETCH_FOR_MS = 2 * 60_000
RETRY_SECONDS = 5.0
#: Between attempts to upload one; after the last it goes in the input, where that is possible.
UPLOAD_PAUSES = (1.0, 5.0, 0.0)

#: What Discord has at a link; SENT, with its bytes, is all that helps.
Fetch = Callable[[str, str], Awaitable[Answer]]


class Intake:
    """Makes a row's pictures ready, one step at a time."""

    def __init__(
        self,
        ledger: Ledger,
        store: ImageStore,
        predictor: Predictor,
        fetch: Fetch,
        clock: Clock,
        takedowns: Takedowns,
        alarm: Alarm,
    ) -> None:
        """`fetch` takes a link and the generation's id."""
        self._ledger = ledger
        self._store = store
        self._predictor = predictor
        self._fetch = fetch
        self._clock = clock
        self._takedowns = takedowns
        self._alarm = alarm
        self._arriving = asyncio.Semaphore(PICTURES_AT_ONCE)
        self._leaving = asyncio.Semaphore(PICTURES_AT_ONCE)
        self._pixels = Threads(PIXEL_THREADS, "intake pixels", spread=True)
        self._files = Threads(FILE_THREADS, "intake files")

    def is_ready(self, row: Generation, life: Life) -> bool:
        """Whether the row may stand in line."""
        return not row.request.pictures or life.addresses is not None

    async def step(self, row: Generation, life: Life) -> Generation | None:
        """One step nearer to that; None where the row has another owner.

        Why it can never be is left in `life.error`. Raises OSError while the disk is in trouble.
        """
        try:
            if not all(picture.is_stored for picture in row.request.pictures):
                async with self._arriving:
                    return row if life.cancel_requested else await self._receive(row, life)
            async with self._leaving:
                life.addresses = await self._handed_over(row, life)
        except (PictureRefused, ProviderError) as error:
            life.error = error
        return row

    async def input(self, row: Generation, life: Life) -> dict[str, object]:
        """The prediction's whole input. Raises PictureGone."""
        request = row.request
        if not request.pictures:
            return dict(request.input)
        files = names(row.id, request.pictures)
        addresses = life.addresses or ("",) * len(files)
        pictures = [
            address or await self._inline(name, picture)
            for name, picture, address in zip(files, request.pictures, addresses, strict=True)
        ]
        value = pictures if request.picture_list else pictures[0]
        return {**request.input, request.picture_input: value}

    def close(self) -> None:
        for pool in (self._pixels, self._files):
            pool.close()

    async def _receive(self, row: Generation, life: Life) -> Generation | None:
        """Files first, then the row: killed in between, it fetches again while the links live."""
        stored = []
        files = names(row.id, row.request.pictures)
        for name, picture in zip(files, row.request.pictures, strict=True):
            answer = await self._arrived(picture, row.id)
            if answer.outcome is Delivery.LATER:
                if self._clock.now() >= row.created_at + FETCH_FOR_MS:
                    raise PictureGone
                await self._ledger.acknowledged(row)  # where the reply is, for the next process
                await life.pause(self._clock, RETRY_SECONDS)
                return row
            if answer.outcome is not Delivery.SENT:
                raise PictureGone
            sha256 = await self._known(row, answer.value)
            kept = await self._keep(name, answer.value, picture.media_type)
            stored.append(replace(kept, sha256=sha256))
        log.info("pictures stored", extra=fields(row) | {"pictures": len(stored)})
        return await self._ledger.pictured(row, stored)

    async def _arrived(self, picture: Attached, generation_id: str) -> Answer:
        """Its bytes, from Discord or from an earlier image's file. Raises PictureGone."""
        if (name := picture.copied_from) is None:
            return await self._fetch(picture.url, generation_id)
        earlier = await self._ledger.find(made_by(name))
        if earlier is None or earlier.removed_by is not None:  # since it was asked for
            raise PictureGone
        return Answer(Delivery.SENT, value=await self._read(name))

    async def _known(self, row: Generation, content: bytes) -> str:
        """The hash of what was attached, by which a takedown knows it. Raises PictureTakenDown."""
        sha256 = (await self._files.run(hashlib.sha256, content)).hexdigest()
        if await self._takedowns.refuses(sha256):
            self._alarm.recognised(row.request)
            raise PictureTakenDown
        return sha256

    async def _keep(self, name: str, content: bytes, declared: str) -> Attached:
        from bot.pictures.cleaning import cleaned  # noqa: PLC0415 - the start need not wait for Pillow

        clean = await self._pixels.run(cleaned, content, declared)
        await self._store.put(name, clean.content)
        return Attached(clean.media_type, len(clean.content), clean.width, clean.height)

    async def _handed_over(self, row: Generation, life: Life) -> tuple[str, ...]:
        """Where the provider has each; "" for what goes in the input itself."""
        addresses: list[str] = []
        inline, trouble = 0, None
        files = names(row.id, row.request.pictures)
        for name, picture in zip(files, row.request.pictures, strict=True):
            address = ""
            if picture.size > SMALL:
                try:
                    address = await self._uploaded(row, life, name, picture)
                except ProviderError as error:
                    trouble = error
            addresses.append(address)
            inline += 0 if address else picture.size
        if inline > MOST_INLINE and not life.cancel_requested:
            raise trouble or PictureUnsendable(MOST_INLINE)
        return tuple(addresses)

    async def _uploaded(self, row: Generation, life: Life, name: str, picture: Attached) -> str:
        """Its address; "" where the provider takes no files. Raises the last ProviderError."""
        trouble: ProviderError | None = None
        content = await self._read(name)
        alias = f"picture.{picture.extension}"  # neither a person's words nor our ids
        for pause in UPLOAD_PAUSES:
            if not self._predictor.can_upload or life.cancel_requested:
                return ""
            try:
                return await self._predictor.upload(alias, picture.media_type, content)
            except UploadUnsupported:
                log.info("provider takes no files", extra=fields(row))
                return ""
            except ProviderError as error:
                log.info("upload failed", extra=fields(row, error))
                trouble = error
                await life.pause(self._clock, pause)
        raise trouble or ProviderError()

    async def _inline(self, name: str, picture: Attached) -> str:
        content = await self._read(name)
        encoded = await self._files.run(base64.b64encode, content)
        return f"data:{picture.media_type};base64,{encoded.decode()}"

    async def _read(self, name: str) -> bytes:
        try:
            return await self._store.read(name)
        except OSError as error:
            log.exception("stored picture unreadable", extra={"file": name})
            raise PictureGone from error
