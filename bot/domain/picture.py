"""Finished pictures as values: what one is, where it is stored, how it is shown. Sizes in bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom, BytesIO
from pathlib import Path
from typing import BinaryIO, TypeAlias

from bot.record import Hidden, Record

#: Discord's most attachments of one message, and so the most outputs that are kept of one request.
MOST_PICTURES = 10
#: What the name of a picture's thumbnail ends in: it lies beside the picture, and goes with it.
SMALL = ".small.webp"

#: Where a picture's bytes lie, or all of them: open, at their beginning.
File: TypeAlias = Path | BytesIO | BufferedRandom


class Image(Record):
    """What a finished picture is, by its own bytes: `size` of them, `width` by `height` pixels."""

    media_type: str
    width: int
    height: int
    size: int

    @property
    def extension(self) -> str:
        return {"image/jpeg": "jpg"}.get(self.media_type, self.media_type.removeprefix("image/"))


class Stored(Record):
    """A picture in the store, under `name`; `size` in bytes.

    `sha256` of its bytes, in hex; empty where an earlier version stored it.
    """

    name: str
    media_type: str
    size: int
    sha256: Hidden[str] = ""


class Picture(Record):
    """One picture of a reply, by the `name` of its attachment, with its alt text.

    `file` serves one upload.
    """

    name: str
    image: Image
    file: File
    alt: Hidden[str]


class Form(Record):
    """A reply's last form: the words, and one picture or several, perhaps hidden at first."""

    content: Hidden[str]
    pictures: tuple[Picture, ...]
    spoiler: bool = False


@contextmanager
def opened(file: File) -> Iterator[BinaryIO]:
    """From its beginning; what was open already stays so, and is left there."""
    if isinstance(file, Path):
        with file.open("rb") as found:
            yield found
    else:
        file.seek(0)
        yield file
        file.seek(0)


def close(file: File) -> None:
    """It is not read any more."""
    if not isinstance(file, Path):
        file.close()
