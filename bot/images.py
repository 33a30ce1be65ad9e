"""Finished pictures: what they are, whether they are whole, where they lie, how they fit.

Everything here blocks, so callers run it off the event loop (`asyncio.to_thread`).
"""

from __future__ import annotations

import io
import os
import struct
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as Pillow

from bot.domain import Image
from bot.errors import ProviderTrouble

#: 100 megapixels: twice what today's largest models make (48 MP); beyond it Pillow refuses to
#: decode, since a few kilobytes can unpack to gigabytes.
MAX_PIXELS = 100_000_000
Pillow.MAX_IMAGE_PIXELS = MAX_PIXELS // 2  # Pillow warns at this and refuses at twice this

_MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}

#: Tried in this order until a picture fits: (scale, JPEG quality).
_LADDER = ((1.0, 92), (1.0, 80), (0.75, 80), (0.5, 80), (0.35, 75), (0.2, 70))


def inspect(data: bytes) -> Image:
    """Read the type and size from the bytes themselves; the extension may lie.

    Raises ProviderTrouble for anything that is not one whole picture of a type that Discord shows.
    """
    try:
        with Pillow.open(io.BytesIO(data), formats=tuple(_MEDIA_TYPES)) as picture:
            media_type = _MEDIA_TYPES[picture.format or ""]
            width, height = picture.size
    except (OSError, KeyError, ValueError, SyntaxError, Pillow.DecompressionBombError) as error:
        raise ProviderTrouble(f"the output is not a picture we can read: {error}") from error
    if not _whole(data, media_type):
        raise ProviderTrouble("the output is a picture cut short")
    return Image(data=data, media_type=media_type, width=width, height=height)


def _whole(data: bytes, media_type: str) -> bool:
    """Whether the file's own end mark is there: cheaper than decoding it to find out."""
    if media_type == "image/jpeg":
        return data.rstrip(b"\0").endswith(b"\xff\xd9")
    if media_type == "image/png":
        return 0 <= data.rfind(b"IEND", -64) <= len(data) - 8  # the mark and its checksum
    if media_type == "image/webp":
        return bool(len(data) >= struct.unpack_from("<I", data, 4)[0] + 8)
    return data.endswith(b";")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A picture that fits, and whether it had to be made smaller."""

    image: Image
    shrunk: bool


def fit(image: Image, limit: int) -> Fitted:
    """Return it untouched when it fits `limit` bytes, else the best JPEG that does.

    Raises ProviderTrouble when even the smallest step does not fit, or it cannot be decoded.
    """
    if len(image.data) <= limit:
        return Fitted(image, shrunk=False)
    try:
        with Pillow.open(io.BytesIO(image.data)) as opened:
            picture = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError) as error:
        raise ProviderTrouble(f"the output cannot be decoded: {error}") from error
    for scale, quality in _LADDER:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        buffer = io.BytesIO()
        scaled = picture if scale == 1.0 else picture.resize(size, Pillow.Resampling.LANCZOS)
        scaled.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= limit:
            return Fitted(Image(buffer.getvalue(), "image/jpeg", *size), shrunk=True)
    raise ProviderTrouble(f"no version of the picture fits {limit} bytes")


class ImageStore:
    """One file per finished picture, under `root`; written whole or not at all."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, generation_id: str, image: Image) -> str:
        """Store the bytes, flushed to the disk, and return their name."""
        self._root.mkdir(parents=True, exist_ok=True)
        name = f"{generation_id}.{image.extension}"
        draft = self._root / f"{name}.part"
        with draft.open("wb") as file:
            file.write(image.data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._root / name)
        return name

    def read(self, name: str) -> Image:
        """Raises FileNotFoundError when it is not there (any more)."""
        return inspect((self._root / name).read_bytes())

    def remove(self, name: str) -> None:
        (self._root / name).unlink(missing_ok=True)
