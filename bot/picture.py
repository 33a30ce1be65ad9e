"""A picture that somebody attached: as Discord describes it, then as it is stored. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: What models take, and Pillow tells by its first bytes; a GIF becomes a PNG.
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "png"}
#: Bytes of one: the largest photos of phones have about 15 MB, and Discord takes no more than
#: 10 MiB of most people. So many times PICTURES_AT_ONCE (bot.intake) are in memory.
MOST_BYTES = 20 << 20
#: The largest photos of phones have 50 megapixels; models look at one to four of them. In memory
#: each has four bytes, twice while it is turned.
MOST_PIXELS = 50_000_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to start from: its type, bytes and pixels, as declared until it is stored.

    `url`: where Discord has it, for about a day; empty once it is stored here.
    """

    media_type: str
    size: int
    width: int = 0
    height: int = 0
    url: str = ""

    @property
    def is_stored(self) -> bool:
        return not self.url

    @property
    def extension(self) -> str:
        """Of the file in which it is stored: known before, since no picture may lie."""
        return EXTENSIONS.get(self.media_type, "bin")


def media_type(content_type: str) -> str:
    """The bare type: what Discord says of a file may carry parameters, and an old name."""
    bare = content_type.partition(";")[0].strip().lower()
    return {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg"}.get(bare, bare)


def names(generation_id: str, pictures: Sequence[Picture]) -> tuple[str, ...]:
    """The files in which a generation's pictures lie, or will lie."""
    return tuple(f"{generation_id}.in{n}.{each.extension}" for n, each in enumerate(pictures))
