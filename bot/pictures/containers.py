"""A picture's file as a container: where its metadata lies, and the same file with other XMP.

Pictures' own bytes stay as they are, and files are read a little at a time: nothing holds one.

Why not a library: pyexiv2 (2.16) is GPL-3.0 and so is all that ships with it, is not safe between
threads, and has no wheel for musl, Intel Macs or macOS before 15; Pillow writes XMP by encoding
the picture again. Where the packet goes: XMP Specification Part 3 (JPEG, PNG, GIF), and the WebP
container specification.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import BinaryIO, NamedTuple, TypeAlias

#: A JPEG segment's length has 16 bits, and counts itself and the XMP signature.
MOST_IN_JPEG = 65_535 - 2 - 29
#: Larger than any packet that means something; one that has, or unpacks to, more is not read.
_MOST_READ = 1 << 20
#: Bytes of a file in memory at once.
PIECE = 1 << 18
#: A picture of up to so many bytes, as most are, is in memory while it is on its way: a file would
#: cost a trip to a thread for each piece, and the disk would write it twice.
IN_MEMORY = 1 << 21

_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_PNG_XMP = b"XML:com.adobe.xmp\0"
_GIF_XMP = b"\x21\xff\x0bXMP DataXMP"
#: Sends a reader that does not know XMP, wherever it is in the packet, to the block's end.
_GIF_TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
_WEBP_XMP_FLAG, _WEBP_ALPHA_FLAG = 0x04, 0x10
#: What an XMP part's content begins with, by its name.
_XMP = {b"\xe1": _JPEG_XMP, b"iTXt": _PNG_XMP, b"XMP ": b"", _GIF_XMP: _GIF_XMP}
#: The parts that hold Content Credentials (C2PA), which has no embedding in GIF.
_MANIFEST = {"image/jpeg": b"\xeb", "image/png": b"caBX", "image/webp": b"C2PA"}


class Unmarkable(ValueError):
    """The bytes are not laid out as their format says, or have no room for the packet."""


class Part(NamedTuple):
    """A named part of a file: it lies from `at` to `end`, and its content from `body` to `stop`."""

    name: bytes
    at: int
    body: int
    stop: int
    end: int


#: Read from a file, or seen where they lie in memory.
Bytes: TypeAlias = bytes | memoryview
#: New bytes in place of those from the first position to the second.
Edit = tuple[int, int, bytes]


class Container:
    """An open file, taken apart. Raises Unmarkable."""

    def __init__(self, file: BinaryIO, media_type: str) -> None:
        self._file = file
        self._media_type = media_type
        try:
            self._parts = tuple(_WALKS[media_type](file))
        except struct.error as error:
            raise Unmarkable(str(error)) from error
        if not self._parts:
            raise Unmarkable("the file has no parts")
        self._old = tuple(part for part in self._parts if _is_xmp(file, part))

    @property
    def manifest(self) -> bytes:
        """Its Content Credentials (C2PA), empty where there are none."""
        name = _MANIFEST.get(self._media_type)
        bodies = (part for part in self._parts if part.name == name)
        return b"".join(_slice(self._file, part.body, part.stop) for part in bodies)

    @property
    def xmp(self) -> bytes:
        """Its own XMP packet, empty where there is none."""
        for part in self._old:
            body = _slice(self._file, part.body, min(part.stop, part.body + _MOST_READ))
            return _unwrapped(part.name, body)
        return b""

    def with_xmp(self, xmp: bytes, size: tuple[int, int]) -> Iterator[Bytes]:
        """The same picture, of `size` in pixels, with this packet in place of its own, in pieces.

        Raises Unmarkable, at once: not in between the pieces.
        """
        cuts = [(part.at, part.end, b"") for part in self._old]
        if self._media_type == "image/webp":
            edits = _into_webp(self._file, self._parts, self._old, xmp, size)
        else:
            edits = _INTO[self._media_type](self._file, self._parts, xmp)
        return pieces(self._file, [*cuts, *edits])


def pieces(file: BinaryIO, edits: Iterable[Edit] = ()) -> Iterator[Bytes]:
    """The file with these edits, which do not overlap, at most `PIECE` bytes at a time.

    Of what is in memory as it lies there: it is not copied.
    """
    at = 0
    for start, stop, new in sorted(edits):
        yield from _range(file, at, start)
        yield new
        at = stop
    yield from _range(file, at, length(file))


def length(file: BinaryIO) -> int:
    """Its size in bytes."""
    return file.seek(0, io.SEEK_END)


def _range(file: BinaryIO, start: int, stop: int) -> Iterator[Bytes]:
    for at in range(start, stop, PIECE):
        end = min(at + PIECE, stop)
        if isinstance(file, io.BytesIO):
            yield memoryview(file.getvalue())[at:end]
        else:
            yield _slice(file, at, end)


def _slice(file: BinaryIO, start: int, stop: int) -> bytes:
    file.seek(start)
    return file.read(max(stop - start, 0))


def _is_xmp(file: BinaryIO, part: Part) -> bool:
    begins = _XMP.get(part.name)
    return begins is not None and _slice(file, part.body, part.body + len(begins)) == begins


def _unwrapped(name: bytes, body: bytes) -> bytes:
    rest = body[len(_XMP[name]) :]
    if name != b"iTXt":
        return rest
    # Behind the two bytes on compression: language and translated keyword, each ended by a null.
    text = rest[2:].split(b"\0", 2)[-1]
    try:
        return zlib.decompressobj().decompress(text, _MOST_READ) if rest[:1] == b"\1" else text
    except zlib.error:
        return b""


def _jpeg_parts(file: BinaryIO) -> Iterator[Part]:
    """Segments by their marker's second byte, then the scan (from SOS on) as one."""
    at = 2
    while True:
        first, marker, size = struct.unpack(">BBH", _slice(file, at, at + 4))
        if marker == 0xDA:
            break
        if first != 0xFF or marker in (0x00, 0xFF, 0xD9):
            raise Unmarkable("a JPEG segment does not begin with a marker")
        end = at + 2 + size
        yield Part(bytes([marker]), at, at + 4, end, end)
        at = end
    yield Part(b"\xda", at, at, at, length(file))


def _into_jpeg(_file: BinaryIO, parts: Sequence[Part], xmp: bytes) -> list[Edit]:
    if len(xmp) > MOST_IN_JPEG:
        raise Unmarkable("the packet is too long for JPEG")
    # JFIF and Exif are expected right behind the file's first two bytes.
    at = next(part.at for part in parts if part.name not in (b"\xe0", b"\xe1"))
    body = _JPEG_XMP + xmp
    return [(at, at, b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body)]


def _png_parts(file: BinaryIO) -> Iterator[Part]:
    at, end = len(_PNG_MAGIC), length(file)
    while at < end:
        size, name = struct.unpack(">I4s", _slice(file, at, at + 8))
        part = Part(name, at, at + 8, at + 8 + size, at + 12 + size)
        if part.end > end:
            raise Unmarkable("a PNG chunk is longer than the file")
        yield part
        if name == b"IEND":
            return  # whatever a writer left behind the end
        at = part.end


def _into_png(file: BinaryIO, parts: Sequence[Part], xmp: bytes) -> list[Edit]:
    at, body = parts[0].end, b"iTXt" + _PNG_XMP + b"\0\0\0\0" + xmp
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return [(at, at, chunk), (parts[-1].end, length(file), b"")]


def _webp_parts(file: BinaryIO) -> Iterator[Part]:
    (declared,) = struct.unpack("<I", _slice(file, 4, 8))
    at, end, there = 12, declared + 8, length(file)
    while at + 8 <= end:
        name, size = struct.unpack("<4sI", _slice(file, at, at + 8))
        stop = at + 8 + size
        if stop > there:
            raise Unmarkable("a WebP chunk is longer than the file")
        yield Part(name, at, at + 8, stop, min(stop + size % 2, there))
        at = stop + size % 2


def _into_webp(
    file: BinaryIO, parts: Sequence[Part], old: Sequence[Part], xmp: bytes, size: tuple[int, int]
) -> list[Edit]:
    """Metadata needs the extended layout; a simple file gets its head, from what it is."""
    first, end = parts[0], parts[-1].end
    start = _slice(file, first.body, first.body + 5)
    if len(start) < 5:
        raise Unmarkable("a WebP file begins with an empty chunk")
    if first.name == b"VP8X":
        head = (first.body, first.body + 1, bytes([start[0] | _WEBP_XMP_FLAG]))
        grown = 0
    else:
        # The lossless bitstream's header has a bit for alpha behind its two 14-bit sizes.
        alpha = _WEBP_ALPHA_FLAG if first.name == b"VP8L" and start[4] & 0x10 else 0
        sizes = b"".join(struct.pack("<I", side - 1)[:3] for side in size)
        chunk = _webp_chunk(b"VP8X", bytes([_WEBP_XMP_FLAG | alpha, 0, 0, 0]) + sizes)
        head, grown = (first.at, first.at, chunk), len(chunk)
    before = end + grown - sum(part.end - part.at for part in old)
    tail = b"\0" * (before % 2) + _webp_chunk(b"XMP ", xmp)  # some leave out the last padding
    declared = struct.pack("<I", before + len(tail) - 8)
    return [(4, 8, declared), head, (end, length(file), tail)]


def webp_size(file: BinaryIO) -> tuple[int, int]:
    """Width and height of a still WebP, in pixels; (0, 0) where its head does not tell.

    Pillow sets up two canvases of four bytes a pixel to find out: 128 MiB for 4096 x 4096.
    """
    with suppress(Unmarkable, struct.error):
        if _slice(file, 0, 4) + _slice(file, 8, 12) == b"RIFFWEBP":
            for part in _webp_parts(file):
                head = _slice(file, part.body, min(part.body + 10, part.stop))
                if part.name == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
                    width, height = struct.unpack("<HH", head[6:])
                    return width & 0x3FFF, height & 0x3FFF
                if part.name == b"VP8L" and head[:1] == b"\x2f":
                    (bits,) = struct.unpack("<I", head[1:5])
                    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return 0, 0


def _webp_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _gif_parts(file: BinaryIO) -> Iterator[Part]:
    """The version, and the XMP block, which may be anywhere: these rare files are read whole."""
    whole = _slice(file, 0, length(file))
    yield Part(b"GIF", 0, 0, 6, 6)
    begin = whole.find(_GIF_XMP)
    stop = whole.find(_GIF_TRAILER, max(begin, 0))
    if begin >= 0 and stop >= 0:
        yield Part(_GIF_XMP, begin, begin, stop, stop + len(_GIF_TRAILER))


def _into_gif(file: BinaryIO, _parts: Sequence[Part], xmp: bytes) -> list[Edit]:
    last = length(file) - 1
    return [(0, 6, b"GIF89a"), (last, last, _GIF_XMP + xmp + _GIF_TRAILER)]


_WALKS: Mapping[str, Callable[[BinaryIO], Iterator[Part]]] = {
    "image/jpeg": _jpeg_parts,
    "image/png": _png_parts,
    "image/webp": _webp_parts,
    "image/gif": _gif_parts,
}
_INTO: Mapping[str, Callable[[BinaryIO, Sequence[Part], bytes], list[Edit]]] = {
    "image/jpeg": _into_jpeg,
    "image/png": _into_png,
    "image/gif": _into_gif,
}
