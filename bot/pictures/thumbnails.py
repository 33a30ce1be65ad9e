"""Thumbnails: made once, off the loop, one at a time, and kept beside their pictures."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from bot.domain.generation import Generation
from bot.domain.picture import SMALL, File, Image, Picture, close
from bot.errors import ProviderTrouble
from bot.pictures.store import ImageStore
from bot.storage.takedowns import Takedowns
from bot.threads import Threads

if TYPE_CHECKING:  # not while it starts
    from bot.pictures.images import Fitted

#: A picture of 100 megapixels has 400 MB once it is decoded.
AT_ONCE = 1


class Thumbnails:
    """Of what may be shown: whether somebody may see it, the caller has asked."""

    def __init__(self, store: ImageStore, takedowns: Takedowns) -> None:
        self._store = store
        self._takedowns = takedowns
        self._pixels = Threads(AT_ONCE, "thumbnails", spread=True)

    async def of(self, row: Generation, number: int, alt: str) -> Picture | None:
        """Of the picture with this number, from 0; None: gone, broken, or taken down."""
        if number >= len(row.outputs):
            return None
        output = row.outputs[number]
        if output.sha256 and await self._takedowns.refuses(output.sha256):
            return None
        try:
            content = await self._kept(output.name)
            if content is None:
                content = await self._made(row, output.name)
        except (OSError, ProviderTrouble):
            return None
        image = Image("image/webp", 0, 0, len(content))
        return Picture(f"small-{row.id}-{number}.webp", image, BytesIO(content), alt)

    async def _kept(self, name: str) -> bytes | None:
        """None: it is to be made. Raises FileNotFoundError where the picture itself is gone."""
        if await self._store.missing([name]):
            raise FileNotFoundError(name)
        try:
            return await self._store.read(f"{name}{SMALL}")
        except FileNotFoundError:
            return None

    async def _made(self, row: Generation, name: str) -> bytes:
        """Those are other bytes than are stored: recorded first, so that they can be taken down."""
        file = await self._store.file(name)
        try:
            fitted = await self._pixels.run(_small, file, row.request.model)
        finally:
            close(file)
        content = fitted.file.getvalue() if isinstance(fitted.file, BytesIO) else b""
        await self._takedowns.delivered(row.id, fitted.sha256)
        await self._store.put_small(name, content)
        return content


def _small(file: File, model: str) -> Fitted:
    from bot.pictures.images import thumbnail  # noqa: PLC0415 - the start need not wait for Pillow

    return thumbnail(file, model)
