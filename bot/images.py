"""Finished pictures: what they are, whether they are whole, where they lie, how they fit.

Everything here blocks, so callers run it off the event loop (`asyncio.to_thread`).
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from PIL import Image as Pillow
from PIL import ImageOps

from bot import provenance
from bot.domain import Image
from bot.errors import ProviderTrouble
from bot.provenance import Unmarkable

#: 100 megapixels: twice what today's largest models make (48 MP); beyond it Pillow refuses to
#: decode, since a few kilobytes can unpack to gigabytes.
MAX_PIXELS = 100_000_000
Pillow.MAX_IMAGE_PIXELS = MAX_PIXELS // 2  # Pillow warns at this and refuses at twice this

_MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
_FORMATS = {media_type: name for name, media_type in _MEDIA_TYPES.items()}
_UNREADABLE = (OSError, KeyError, ValueError, SyntaxError, Pillow.DecompressionBombError)

#: At full size, before pixels are given up. Below 60 artefacts show more than fewer pixels would.
_QUALITIES = (92, 85, 75, 60)
#: (scale, quality), where no quality at full size was enough.
_SMALLER = ((0.75, 85), (0.75, 70), (0.5, 80), (0.35, 75), (0.2, 70))
#: WebP's own limit on width and height.
_WEBP_SIDE = 16_383


def inspect(data: bytes) -> Image:
    """Read the type and size from the bytes themselves; the extension may lie.

    Raises ProviderTrouble for anything that is not one whole picture of a type that Discord shows.
    """
    try:
        with Pillow.open(io.BytesIO(data), formats=tuple(_MEDIA_TYPES)) as picture:
            media_type = _MEDIA_TYPES[picture.format or ""]
            width, height = picture.size
    except _UNREADABLE as error:
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


class Change(StrEnum):
    """What had to be done to a picture so that it fits, from least to most."""

    NONE = "none"
    QUALITY = "quality"  # same format and size, compressed more
    FORMAT = "format"  # same size, another format (PNG has no lower quality)
    SIZE = "size"  # fewer pixels, perhaps in another format too


@dataclass(frozen=True, slots=True)
class Fitted:
    """A picture that fits, and what had to be done; its own fields say what it now is."""

    image: Image
    change: Change = Change.NONE


def prepare(image: Image, limit: int, model: str) -> Fitted:
    """The picture as it is delivered: at most `limit` bytes, marked as made by `model`.

    Its pixels are untouched where the marked file fits. Raises ProviderTrouble as `squeeze` does,
    and where a file can be neither marked as it is nor decoded.
    """
    try:
        marked = mark(image, model)
        if len(marked.data) <= limit:
            return Fitted(marked)
        xmp = provenance.packet(image.data, image.media_type, model)
    except Unmarkable:  # not laid out as its format says: encoding it again makes it so
        xmp = provenance.packet(b"", "", model, fresh=True)
    if len(xmp) > min(provenance.MOST_IN_JPEG, limit // 4):
        xmp = provenance.packet(b"", "", model, fresh=True)
    fitted = squeeze(image, limit - len(xmp) - provenance.OVERHEAD)
    return replace(fitted, image=_with(fitted.image, xmp))


def mark(image: Image, model: str) -> Image:
    """The same picture with the machine-readable mark of AI-generated media (`bot.provenance`).

    A file that says so already, under a signature, is left as it is. Raises Unmarkable.
    """
    if provenance.signed(image.data, image.media_type):
        return image
    return _with(image, provenance.packet(image.data, image.media_type, model))


def _with(image: Image, xmp: bytes) -> Image:
    size = (image.width, image.height)
    return replace(image, data=provenance.embed(image.data, image.media_type, xmp, size))


def squeeze(image: Image, limit: int) -> Fitted:
    """The first rung within `limit` bytes: lower quality, else another format, else fewer pixels.

    Raises ProviderTrouble when even the smallest does not fit, or it cannot be decoded.
    """
    picture = _decoded(image)
    for change, candidate in _rungs(image, picture):
        if len(candidate.data) <= limit:
            return Fitted(candidate, change)
    raise ProviderTrouble(f"no version of the picture fits {limit} bytes")


def _rungs(image: Image, picture: Pillow.Image) -> Iterator[tuple[Change, Image]]:
    """JPEG stays JPEG; the others become (or stay) WebP, which keeps what is transparent."""
    large = max(picture.size) > _WEBP_SIDE
    media_type = "image/jpeg" if large or image.media_type == "image/jpeg" else "image/webp"
    change = Change.QUALITY if media_type == image.media_type else Change.FORMAT
    for quality in _QUALITIES:
        yield change, _encoded(picture, media_type, quality)
    for scale, quality in _SMALLER:
        width, height = (max(1, round(side * scale)) for side in picture.size)
        smaller = picture.resize((width, height), Pillow.Resampling.LANCZOS)
        yield Change.SIZE, _encoded(smaller, media_type, quality)


def _decoded(image: Image) -> Pillow.Image:
    """Its pixels the right way up, in a mode that JPEG and WebP know (an animation's first)."""
    try:
        with Pillow.open(io.BytesIO(image.data)) as opened:
            profile = opened.info.get("icc_profile") if opened.mode in ("RGB", "RGBA") else None
            opened.load()
            picture = ImageOps.exif_transpose(opened)
            if picture.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off at 255
                picture = picture.point(lambda value: value / 256).convert("L")
            picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    except _UNREADABLE as error:
        raise ProviderTrouble(f"the output cannot be decoded: {error}") from error
    picture.info = {"icc_profile": profile} if profile else {}
    return picture


def _encoded(picture: Pillow.Image, media_type: str, quality: int) -> Image:
    buffer = io.BytesIO()
    profile = picture.info.get("icc_profile")
    if media_type == "image/jpeg":
        flat = _flat(picture)
        flat.save(buffer, "JPEG", quality=quality, optimize=True, icc_profile=profile)
    else:
        picture.save(buffer, _FORMATS[media_type], quality=quality, icc_profile=profile or b"")
    return Image(buffer.getvalue(), media_type, *picture.size)


def _flat(picture: Pillow.Image) -> Pillow.Image:
    """On white where it is transparent: JPEG has no transparency."""
    if picture.mode == "RGB":
        return picture
    ground = Pillow.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


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

    def sweep(self, older_than: float, keep: Collection[str]) -> int:
        """Remove what was stored before `older_than` (UTC ms) but `keep`; returns how many.

        `keep` names the files of rows that have not ended.
        """
        removed = 0
        for file in self._root.glob("*"):
            if file.name not in keep and file.stat().st_mtime * 1000 < older_than:
                file.unlink(missing_ok=True)
                removed += 1
        return removed
