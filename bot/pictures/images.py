"""Finished pictures: what they are, whether they are whole, how they fit.

Everything here blocks, so callers run it off the event loop (`asyncio.to_thread`).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from io import BytesIO
from typing import BinaryIO

from PIL import Image as Pillow
from PIL import ImageOps

from bot.domain.picture import File, Image, opened
from bot.errors import ProviderTrouble
from bot.pictures import provenance
from bot.pictures.containers import (
    IN_MEMORY,
    MOST_IN_JPEG,
    Bytes,
    Container,
    Unmarkable,
    length,
    pieces,
    webp_size,
)
from bot.record import Hidden, Record, replace

#: 100 megapixels: twice what today's largest models make (48 MP); beyond it Pillow refuses to
#: decode, since a few kilobytes can unpack to gigabytes.
MAX_PIXELS = 100_000_000
Pillow.MAX_IMAGE_PIXELS = MAX_PIXELS // 2  # Pillow warns at this and refuses at twice this

MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
_FORMATS = {media_type: name for name, media_type in MEDIA_TYPES.items()}
#: What Pillow raises at a picture that it cannot read.
UNREADABLE = (OSError, KeyError, ValueError, SyntaxError, Pillow.DecompressionBombError)

#: At full size, before pixels are given up. Below 60 artefacts show more than fewer pixels would.
_QUALITIES = (92, 85, 75, 60)
#: (scale, quality), where no quality at full size was enough.
_SMALLER = ((0.75, 85), (0.75, 70), (0.5, 80), (0.35, 75), (0.2, 70))
#: WebP's own limit on width and height.
_WEBP_SIDE = 16_383
#: Of a thumbnail: what clients show of one, at twice the density, in about 10 KB.
SMALL_SIDE, _SMALL_QUALITY = 256, 75
#: A colour profile that is larger than this is not worth it in a thumbnail; sRGB's has 500 bytes.
_SMALL_PROFILE = 4096
#: Bytes at a file's end among which its end mark is looked for: some writers fill up with zeros.
_TAIL = 64 * 1024


def inspect(file: BinaryIO) -> Image:
    """Read the type and size from the bytes themselves; the extension may lie.

    Raises ProviderTrouble for anything that is not one whole picture of a type that Discord shows.
    """
    media_type, (width, height) = "image/webp", webp_size(file)
    if not 0 < width * height <= MAX_PIXELS:
        media_type, (width, height) = _seen(file)
    size = length(file)
    if not _whole(file, media_type, size):
        raise ProviderTrouble("the output is a picture cut short")
    return Image(media_type, width, height, size)


def _seen(file: BinaryIO) -> tuple[str, tuple[int, int]]:
    """Its type and size as Pillow finds them, which refuses what has too many pixels."""
    formats = tuple(MEDIA_TYPES)
    with _readable("is not a picture we can read"), Pillow.open(file, formats=formats) as picture:
        return MEDIA_TYPES[picture.format or ""], picture.size


def _whole(file: BinaryIO, media_type: str, size: int) -> bool:
    """Whether the file's own end mark is there: cheaper than decoding it to find out."""
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    if media_type == "image/jpeg":
        return tail.rstrip(b"\0").endswith(b"\xff\xd9")
    if media_type == "image/png":
        return 0 <= tail.rfind(b"IEND", -64) <= len(tail) - 8  # the mark and its checksum
    if media_type == "image/webp":
        file.seek(4)
        return bool(size >= struct.unpack("<I", file.read(4))[0] + 8)
    return tail.endswith(b";")


@contextmanager
def _readable(otherwise: str) -> Iterator[None]:
    """What Pillow raises is the picture's fault, unless it is the disk's."""
    try:
        yield
    except UNREADABLE as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise ProviderTrouble(f"the output {otherwise}: {error}") from error


class Change(StrEnum):
    """What had to be done to a picture so that it fits, from least to most."""

    NONE = "none"
    QUALITY = "quality"  # same format and size, compressed more
    FORMAT = "format"  # same size, another format (PNG has no lower quality)
    SIZE = "size"  # fewer pixels, perhaps in another format too


class Fitted(Record):
    """A picture that fits, and what had to be done.

    `sha256` of the `file`, in hex, where they are others than the stored ones.
    """

    image: Image
    file: File
    change: Change = Change.NONE
    sha256: Hidden[str] = ""


def to_keep(file: BinaryIO, model: str) -> tuple[Image, Iterator[Bytes], bool]:
    """What it is, its bytes as they are stored, and whether those say what made it.

    Raises ProviderTrouble as `inspect` does.
    """
    image = inspect(file)
    try:
        return image, marked(file, image, model), True
    except Unmarkable:  # not laid out as its format says: encoding it again, later, makes it so
        return image, pieces(file), False


def marked(file: BinaryIO, image: Image, model: str) -> Iterator[Bytes]:
    """The same picture with the mark of AI-generated media (`bot.pictures.provenance`), in pieces.

    A file that says so already, under a signature, is left as it is. Raises Unmarkable, at once.
    """
    container = Container(file, image.media_type)
    if provenance.signed(container.manifest):
        return pieces(file)
    xmp = provenance.packet(model, container.xmp)
    return container.with_xmp(xmp, (image.width, image.height))


def as_stored(stored: File, limit: int, model: str) -> Fitted | None:
    """The stored picture, its pixels untouched; None where it must be made to fit.

    Pictures are marked when they are stored, so this is the file itself; only what an earlier
    version stored is marked now. Raises FileNotFoundError, and ProviderTrouble as `inspect` does.
    """
    with opened(stored) as file, suppress(Unmarkable):
        image = inspect(file)
        if image.size > limit:
            return None
        container = Container(file, image.media_type)
        if provenance.stated(container.xmp) or provenance.signed(container.manifest):
            return Fitted(image, BytesIO(whole(file)) if image.size <= IN_MEMORY else stored)
        fitted = _in_memory(image, marked(file, image, model))
        return fitted if fitted.image.size <= limit else None
    return None


def whole(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


def made_to_fit(stored: File, limit: int, model: str) -> Fitted:
    """The stored picture encoded again, in at most `limit` bytes, marked as made by `model`.

    The first rung that fits: lower quality, else another format, else fewer pixels. Raises
    FileNotFoundError, and ProviderTrouble when it cannot be decoded or even the smallest is too
    large.
    """
    with opened(stored) as file:
        image = inspect(file)
        xmp = _packet(file, image, min(MOST_IN_JPEG, limit // 4), model)
        picture = _decoded(file)
    for change, smaller, encoded in _rungs(image.media_type, picture):
        if smaller.size <= limit:
            content = Container(encoded, smaller.media_type).with_xmp(
                xmp, (smaller.width, smaller.height)
            )
            fitted = _in_memory(smaller, content, change)
            if fitted.image.size <= limit:
                return fitted
    raise ProviderTrouble(f"no version of the picture fits {limit} bytes")


def thumbnail(stored: File, model: str) -> Fitted:
    """The stored picture in at most SMALL_SIDE pixels a side, as WebP, marked as made by `model`.

    Raises FileNotFoundError, and ProviderTrouble when it cannot be decoded.
    """
    with (
        opened(stored) as file,
        _readable("cannot be decoded"),
        Pillow.open(file, formats=tuple(MEDIA_TYPES)) as found,
    ):
        found.draft("RGB", (2 * SMALL_SIDE, 2 * SMALL_SIDE))  # JPEG: fewer pixels are decoded
        picture = upright(found)
    picture.thumbnail((SMALL_SIDE, SMALL_SIDE), Pillow.Resampling.LANCZOS)
    if len(picture.info.get("icc_profile", b"")) > _SMALL_PROFILE:
        picture.info = {}
    image, encoded = _encoded(picture, "image/webp", _SMALL_QUALITY)
    xmp = provenance.packet(model)
    content = Container(encoded, image.media_type).with_xmp(xmp, (image.width, image.height))
    return _in_memory(image, content, Change.SIZE)


def _packet(file: BinaryIO, image: Image, most: int, model: str) -> bytes:
    """Its own packet with our statements; ours alone where it has none, or that is too long."""
    with suppress(Unmarkable):
        xmp = provenance.packet(model, Container(file, image.media_type).xmp)
        if len(xmp) <= most:
            return xmp
    return provenance.packet(model)


def _in_memory(image: Image, content: Iterator[Bytes], change: Change = Change.NONE) -> Fitted:
    body = b"".join(content)
    sha256 = hashlib.sha256(body).hexdigest()
    return Fitted(replace(image, size=len(body)), BytesIO(body), change, sha256)


def _rungs(media_type: str, picture: Pillow.Image) -> Iterator[tuple[Change, Image, BytesIO]]:
    """JPEG stays JPEG; the others become (or stay) WebP, which keeps what is transparent."""
    large = max(picture.size) > _WEBP_SIDE
    to_type = "image/jpeg" if large or media_type == "image/jpeg" else "image/webp"
    change = Change.QUALITY if to_type == media_type else Change.FORMAT
    for quality in _QUALITIES:
        yield change, *_encoded(picture, to_type, quality)
    for scale, quality in _SMALLER:
        width, height = (max(1, round(side * scale)) for side in picture.size)
        smaller = picture.resize((width, height), Pillow.Resampling.LANCZOS)
        yield Change.SIZE, *_encoded(smaller, to_type, quality)


def _decoded(file: BinaryIO) -> Pillow.Image:
    with _readable("cannot be decoded"), Pillow.open(file) as opened:
        return upright(opened)


def upright(opened: Pillow.Image) -> Pillow.Image:
    """Its pixels the right way up, in a mode that JPEG and WebP know (an animation's first).

    Nothing else of the file stays but its colour profile. Raises what Pillow raises.
    """
    profile = opened.info.get("icc_profile") if opened.mode in ("RGB", "RGBA", "P") else None
    opened.load()
    picture = ImageOps.exif_transpose(opened)
    if picture.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off at 255
        picture = picture.point(lambda value: value / 256).convert("L")
    picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.info = {"icc_profile": profile} if profile else {}
    return picture


def _encoded(picture: Pillow.Image, media_type: str, quality: int) -> tuple[Image, BytesIO]:
    buffer = BytesIO()
    profile = picture.info.get("icc_profile")
    if media_type == "image/jpeg":
        flat = _flat(picture)
        flat.save(buffer, "JPEG", quality=quality, optimize=True, icc_profile=profile)
    else:
        picture.save(buffer, _FORMATS[media_type], quality=quality, icc_profile=profile or b"")
    return Image(media_type, *picture.size, length(buffer)), buffer


def _flat(picture: Pillow.Image) -> Pillow.Image:
    """On white where it is transparent: JPEG has no transparency."""
    if picture.mode == "RGB":
        return picture
    ground = Pillow.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground
