"""A picture that somebody attached: as Discord describes it, then as it is stored. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.record import Hidden, Record

#: What people may attach, and Pillow tells by its first bytes; stored are JPEG and PNG only.
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}
#: Bytes of one: the largest photos of phones have about 15 MB, and Discord takes no more than
#: 10 MiB of most people. So many times PICTURES_AT_ONCE (bot.generation.intake) are in memory.
MOST_BYTES = 20 << 20
#: Phones' and cameras' usual photos have 12 or 24 megapixels; models look at one to four. In memory
#: each pixel has three or four bytes, twice while it is turned: 50 megapixels took 570 MB.
MOST_PIXELS = 25_000_000
#: An address that is none of Discord's: one of our own files, by its name.
_OURS = re.compile(r"stored:([0-9]+-[0-9]+(?:-[0-9]+)?\.[a-z0-9]+)")


class Attached(Record):
    """A picture to start from: its type, bytes and pixels, as declared until it is stored.

    `url`: where Discord has it, for about a day, or which of our own files it is a copy of; empty
    once it is stored here. `sha256` of what was attached, in hex; empty until then.
    """

    media_type: str
    size: int
    width: int = 0
    height: int = 0
    url: Hidden[str] = ""
    sha256: Hidden[str] = ""

    @property
    def is_stored(self) -> bool:
        return not self.url

    @property
    def copied_from(self) -> str | None:
        """The name of our own file that it is to be read from; None: it is not."""
        ours = _OURS.fullmatch(self.url)
        return ours[1] if ours else None

    @property
    def extension(self) -> str:
        return EXTENSIONS.get(self.media_type, "bin")


def media_type(content_type: str) -> str:
    """The bare type: what Discord says of a file may carry parameters, and an old name."""
    bare = content_type.partition(";")[0].strip().lower()
    return {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg"}.get(bare, bare)


def ours(name: str) -> str:
    """The `url` of what is to be read from our own file of this name."""
    return f"stored:{name}"


def made_by(name: str) -> str:
    """The generation whose file this is: a picture that it made, or one that it started from."""
    return "-".join(name.partition(".")[0].split("-")[:2])


def names(generation_id: str, pictures: Sequence[Attached]) -> tuple[str, ...]:
    """The files in which a generation's pictures lie, or will lie: known before their types are."""
    return tuple(f"{generation_id}.in{number}" for number in range(len(pictures)))
