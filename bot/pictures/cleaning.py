"""An attached picture, checked by its own bytes and made clean before a model sees it.

It is encoded again: its place, its camera, and whatever somebody hid behind its end are left
behind. Everything here blocks, so callers run it off the event loop.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from bot.domain.attached import MOST_BYTES, MOST_PIXELS
from bot.pictures.images import MEDIA_TYPES, UNREADABLE, upright
from bot.record import Hidden, Record
from bot.refusals.pictures import (
    PictureAnimated,
    PictureBroken,
    PictureKindNotTaken,
    PictureMistyped,
    PictureRefused,
    PictureTooLarge,
    PictureTooManyPixels,
)

#: The first JPEG of a file with several, as phones make them: the others are depths and previews.
_PHONES = {"MPO": "image/jpeg"}
#: What its readers were seen to raise besides, where a file breaks off or lies about lengths.
_CONFUSED = (EOFError, IndexError, TypeError, OverflowError, struct.error)
#: A loss that nobody sees; higher ones make files grow and pictures no better.
_QUALITY = 95
#: A profile that means something has some kilobytes; a long one may carry anything.
_LONGEST_PROFILE = 256 * 1024
#: Where a WebP file says that it is lossless: as its first part, or among the first.
_WEBP_HEAD = 64


class Clean(Record):
    """The picture's new bytes, and what they are."""

    content: Hidden[bytes]
    media_type: str
    width: int
    height: int


def cleaned(content: bytes, declared: str) -> Clean:
    """The same pixels, upright, with their colour profile and nothing else.

    JPEG and PNG stay what they are; others become PNG, or JPEG where they had lost something
    already and nothing is transparent. Raises PictureRefused.
    """
    if len(content) > MOST_BYTES:
        raise PictureTooLarge(len(content), MOST_BYTES)
    with _readable(), Pillow.open(BytesIO(content), formats=tuple(MEDIA_TYPES)) as opened:
        found = (MEDIA_TYPES | _PHONES)[opened.format or ""]
        if found != declared:
            raise PictureMistyped(declared, found)
        if (pixels := opened.width * opened.height) > MOST_PIXELS:
            raise PictureTooManyPixels(pixels, MOST_PIXELS)
        if opened.format != "MPO" and getattr(opened, "is_animated", False):
            raise PictureAnimated
        picture = upright(opened)
    kind = _kind(picture, found, content)
    return Clean(_encoded(picture, kind), kind, *picture.size)


@contextmanager
def _readable() -> Iterator[None]:
    """Whatever Pillow makes of bytes that somebody chose is the picture's fault."""
    try:
        yield
    except PictureRefused:
        raise
    except UnidentifiedImageError as error:
        raise PictureKindNotTaken from error
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise PictureTooManyPixels from error
    except (*UNREADABLE, *_CONFUSED) as error:
        raise PictureBroken from error


def _kind(picture: Pillow.Image, found: str, content: bytes) -> str:
    """Not WebP again: not every model takes it, at 50 megapixels it took minutes, and can fail."""
    if found == "image/webp" and picture.mode == "RGB" and b"VP8L" not in content[:_WEBP_HEAD]:
        return "image/jpeg"
    return "image/jpeg" if found == "image/jpeg" else "image/png"


def _encoded(picture: Pillow.Image, media_type: str) -> bytes:
    buffer = BytesIO()
    profile = picture.info.pop("icc_profile", None)
    if profile is not None and len(profile) > _LONGEST_PROFILE:
        profile = None
    if media_type == "image/jpeg":
        picture.convert("RGB").save(buffer, "JPEG", quality=_QUALITY, icc_profile=profile)
    else:
        picture.save(buffer, "PNG", icc_profile=profile)
    return buffer.getvalue()
