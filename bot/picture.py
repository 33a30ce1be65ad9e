"""Finished pictures as values: what one is, where it is stored, how it is shown. Sizes in bytes."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

#: Discord's most attachments of one message, and so the most outputs that are kept of one request.
MOST_PICTURES = 10
#: What the name of a picture's thumbnail ends in: it lies beside the picture, and goes with it.
SMALL = ".small.webp"


@dataclass(frozen=True, slots=True)
class Image:
    """What a finished picture is, by its own bytes: `size` of them, `width` by `height` pixels."""

    media_type: str
    width: int
    height: int
    size: int

    @property
    def extension(self) -> str:
        return {"image/jpeg": "jpg"}.get(self.media_type, self.media_type.removeprefix("image/"))


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture on disk, under `name`; `size` in bytes.

    `sha256` of the file, in hex; empty where an earlier version stored it.
    """

    name: str
    media_type: str
    size: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a reply, by the `name` of its attachment, with its alt text.

    `file` is where the image's bytes lie, or all of them; it serves one upload.
    """

    name: str
    image: Image
    file: Path | BytesIO
    alt: str


@dataclass(frozen=True, slots=True)
class Form:
    """A reply's last form: the words, and one picture or several, perhaps hidden at first."""

    content: str
    pictures: tuple[Picture, ...]
    spoiler: bool = False
