"""Images of exactly known weight: noise, so that nothing on the way can make them lighter."""

from __future__ import annotations

import io
import math
import os
import struct

from PIL import Image

_SIDE = 1024  # pixels, as image models make
_QUALITY = 80  # noise of that side, so compressed, weighs about 0.9 MB
_COMMENT = 0xFFFF - 2  # bytes that one JPEG segment can hold


def jpeg(size: int) -> bytes:
    """A real JPEG of `size` bytes, filled up with comments; at least 100 KB."""
    side = _SIDE
    while True:
        buffer = io.BytesIO()
        picture = Image.frombytes("RGB", (side, side), os.urandom(side * side * 3))
        picture.save(buffer, "JPEG", quality=_QUALITY)
        plain = buffer.getvalue()
        missing = size - len(plain)
        if missing == 0 or missing >= 4:
            return plain[:2] + _comments(missing) + plain[2:]
        side = side * 3 // 4


def _comments(missing: int) -> bytes:
    """So many bytes of comment segments, each with four bytes of its own."""
    segments = bytearray()
    while missing > 0:
        length = min(missing - 4, _COMMENT)
        if 0 < missing - 4 - length < 4:  # too little would be left for one more
            length -= 4
        segments += struct.pack(">BBH", 0xFF, 0xFE, length + 2) + bytes(length)
        missing -= length + 4
    return bytes(segments)


def png(size: int) -> bytes:
    """A real PNG of about `size` bytes, its pixels stored as they are."""
    side = math.isqrt(size // 3)
    buffer = io.BytesIO()
    picture = Image.frombytes("RGB", (side, side), os.urandom(side * side * 3))
    picture.save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()
