"""A picture's way through the store, as tests follow it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from bot.domain.picture import File, Image, close, opened
from bot.pictures import images
from bot.pictures.files import ImageFiles
from bot.pictures.images import Change, Fitted
from tests.world import MODEL

PLENTY = 1 << 30


@dataclass(frozen=True)
class Delivered:
    """What goes out: its bytes, what they are, and what was done to them."""

    data: bytes
    image: Image
    change: Change


def inspected(data: bytes) -> Image:
    return images.inspect(io.BytesIO(data))


def stored(folder: Path, data: bytes, model: str = MODEL) -> Path:
    """The file that the store made of a download."""
    store = ImageFiles(folder)
    spool = store.spool()
    spool.add(data)
    return store.path(store.keep("1-0", spool, model).stored.name)


def fitted(path: Path, limit: int = PLENTY, model: str = MODEL) -> Delivered:
    """The stored file, as it is or made to fit."""
    found = images.as_stored(path, limit, model) or images.made_to_fit(path, limit, model)
    return Delivered(content(found), found.image, found.change)


def delivered(folder: Path, data: bytes, limit: int = PLENTY, model: str = MODEL) -> Delivered:
    """From the provider's bytes to what is uploaded."""
    return fitted(stored(folder, data, model), limit, model)


def content(found: Fitted) -> bytes:
    return whole(found.file)


def whole(file: File) -> bytes:
    """As an upload would read it, to its end."""
    try:
        with opened(file) as found:
            return found.read()
    finally:
        close(file)
