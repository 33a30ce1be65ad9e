"""The machine-readable mark of AI-generated media, written into a file's bytes. Pure.

The mark is an XMP packet with the IPTC's `DigitalSourceType` (what readers of provenance look
for), `AISystemUsed` (IPTC 2025.1) and, for older readers, `xmp:CreatorTool`. It goes beside the
picture's own bytes, which stay as they are; so do other metadata, and other statements in a packet
that is there already.

Why not a library: pyexiv2 (2.16) is GPL-3.0 and so is all that ships with it, is not safe between
threads, and has no wheel for musl, Intel Macs or macOS before 15; Pillow writes XMP by encoding
the picture again. Where the packet goes: XMP Specification Part 3 (JPEG, PNG, GIF), and the WebP
container specification.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from xml.sax.saxutils import escape

TRAINED_ALGORITHMIC_MEDIA = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

#: What a container adds to a packet at most: a GIF's trailer (258 bytes), or a JPEG segment's head,
#: or a PNG chunk's, or WebP's VP8X and XMP chunks.
OVERHEAD = 320
#: A JPEG segment's length has 16 bits, and counts itself and the XMP signature.
MOST_IN_JPEG = 65_535 - 2 - 29
#: Larger than any packet that means something; what unpacks to more is left packed, and replaced.
_MOST_UNPACKED = 1 << 20

_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_PNG_XMP = b"XML:com.adobe.xmp\0"
_GIF_XMP = b"\x21\xff\x0bXMP DataXMP"
#: Sends a reader that does not know XMP, wherever it is in the packet, to the block's end.
_GIF_TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
_WEBP_XMP_FLAG, _WEBP_ALPHA_FLAG = 0x04, 0x10

_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
_EMPTY = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>'
    "</x:xmpmeta>"
)
_PADDING = re.compile(r"\s+(?=<\?xpacket end)")
#: Our two statements in the forms that RDF has for them: element, empty element, attribute.
_OURS = re.compile(
    r"<([\w.-]+):(?:DigitalSourceType|AISystemUsed)\b[^<>]*(?:/>|>[^<]*</\1:\w+\s*>)"
    r"""|\s[\w.-]+:(?:DigitalSourceType|AISystemUsed)\s*=\s*(?:"[^"]*"|'[^']*')"""
)
_ABOUT = re.compile(r"""\srdf:about\s*=\s*("[^"<]*"|'[^'<]*')""")


class Unmarkable(ValueError):
    """The bytes are not laid out as their format says, or have no room for the packet."""


def packet(data: bytes, media_type: str, model: str, *, fresh: bool = False) -> bytes:
    """The XMP for this file: its own statements (unless `fresh`), and ours in place of its.

    Raises Unmarkable.
    """
    found = b"" if fresh else read(data, media_type)
    text = found.decode("utf-8", "replace")
    if "</rdf:RDF>" not in text:  # none, or not in the form that every writer uses
        text = f'{_BEGIN}{_EMPTY}<?xpacket end="w"?>'
    text = _PADDING.sub("", _OURS.sub("", text))
    head, end, tail = text.rpartition("</rdf:RDF>")
    return (head + _statements(model, head) + end + tail).encode()


def _statements(model: str, others: str) -> str:
    """Ours, about the same thing as the others: strict readers refuse a packet about two."""
    name, found = escape(model), _ABOUT.search(others)
    about = found[1] if found else '""'
    tool = "" if "CreatorTool" in others else f"<xmp:CreatorTool>{name}</xmp:CreatorTool>"
    return (
        f"<rdf:Description rdf:about={about}"
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
        f"<Iptc4xmpExt:DigitalSourceType>{TRAINED_ALGORITHMIC_MEDIA}"
        "</Iptc4xmpExt:DigitalSourceType>"
        f"<Iptc4xmpExt:AISystemUsed>{name}</Iptc4xmpExt:AISystemUsed>"
        f"{tool}</rdf:Description>"
    )


def signed(data: bytes, media_type: str) -> bool:
    """Whether Content Credentials (C2PA) in the file say it already, under a signature.

    One more byte in the file would break that signature, which is worth more than our word.
    """
    if media_type == "image/gif":
        return False  # C2PA has no embedding in GIF
    names = {"image/jpeg": b"\xeb", "image/png": b"caBX", "image/webp": b"C2PA"}
    manifest = b"".join(
        body for name, body in _parts(data, media_type) if name == names[media_type]
    )
    return b"c2pa" in manifest and b"trainedAlgorithmicMedia" in manifest


def read(data: bytes, media_type: str) -> bytes:
    """The file's own XMP packet, empty where there is none. Raises Unmarkable."""
    if media_type == "image/gif":
        return _cut_gif(data)[1]
    for name, body in _parts(data, media_type):
        if _is_xmp(name, body):
            return _unwrapped(name, body)
    return b""


def embed(data: bytes, media_type: str, xmp: bytes, size: tuple[int, int]) -> bytes:
    """The same picture with this packet in place of its own. Raises Unmarkable."""
    if media_type == "image/gif":
        rest, _ = _cut_gif(data)
        return b"GIF89a" + rest[6:-1] + _GIF_XMP + xmp + _GIF_TRAILER + rest[-1:]
    parts = [part for part in _parts(data, media_type) if not _is_xmp(*part)]
    if media_type == "image/webp":
        return _webp(parts, xmp, size)
    if media_type == "image/png":
        chunk = (b"iTXt", _PNG_XMP + b"\0\0\0\0" + xmp)
        return _PNG_MAGIC + b"".join(_png_chunk(*part) for part in [parts[0], chunk, *parts[1:]])
    if len(xmp) > MOST_IN_JPEG:
        raise Unmarkable("the packet is too long for JPEG")
    # JFIF and Exif are expected right behind the file's first two bytes.
    first = next(n for n, (name, _) in enumerate(parts) if name not in (b"\xe0", b"\xe1"))
    parts.insert(first, (b"\xe1", _JPEG_XMP + xmp))
    return b"\xff\xd8" + b"".join(_jpeg_segment(*part) for part in parts)


def _parts(data: bytes, media_type: str) -> Iterator[tuple[bytes, bytes]]:
    """Every named part in order; what follows the last one that has a length stays whole."""
    walk = {"image/jpeg": _jpeg_parts, "image/png": _png_parts, "image/webp": _webp_parts}
    try:
        yield from walk[media_type](data)
    except (struct.error, IndexError, KeyError) as error:
        raise Unmarkable(str(error)) from error


def _is_xmp(name: bytes, body: bytes) -> bool:
    return (
        (name == b"\xe1" and body.startswith(_JPEG_XMP))
        or (name == b"iTXt" and body.startswith(_PNG_XMP))
        or name == b"XMP "
    )


def _unwrapped(name: bytes, body: bytes) -> bytes:
    if name == b"\xe1":
        return body[len(_JPEG_XMP) :]
    if name == b"XMP ":
        return body
    compressed = body[len(_PNG_XMP)] == 1
    # Behind the two bytes on compression: language and translated keyword, each ended by a null.
    text = body[len(_PNG_XMP) + 2 :].split(b"\0", 2)[-1]
    try:
        return zlib.decompressobj().decompress(text, _MOST_UNPACKED) if compressed else text
    except zlib.error:
        return b""


def _jpeg_parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Segments by their marker's second byte, then the scan (from SOS on) as one."""
    at = 2
    while data[at + 1] != 0xDA:
        if data[at] != 0xFF or data[at + 1] in (0x00, 0xFF, 0xD9):
            raise Unmarkable("a JPEG segment does not begin with a marker")
        (length,) = struct.unpack_from(">H", data, at + 2)
        yield data[at + 1 : at + 2], data[at + 4 : at + 2 + length]
        at += 2 + length
    yield b"\xda", data[at:]


def _jpeg_segment(name: bytes, body: bytes) -> bytes:
    if name == b"\xda":
        return body
    return b"\xff" + name + struct.pack(">H", len(body) + 2) + body


def _png_parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG_MAGIC)
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        if at + 12 + length > len(data):
            raise Unmarkable("a PNG chunk is longer than the file")
        name = data[at + 4 : at + 8]
        yield name, data[at + 8 : at + 8 + length]
        if name == b"IEND":
            return  # whatever a writer left behind the end
        at += 12 + length


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _webp_parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, end = 12, struct.unpack_from("<I", data, 4)[0] + 8
    while at + 8 <= end:
        (length,) = struct.unpack_from("<I", data, at + 4)
        if at + 8 + length > len(data):
            raise Unmarkable("a WebP chunk is longer than the file")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _webp(parts: list[tuple[bytes, bytes]], xmp: bytes, size: tuple[int, int]) -> bytes:
    """Metadata needs the extended layout; a simple file gets its head, from what it is."""
    name, body = parts[0]
    if name != b"VP8X":
        # The lossless bitstream's header has a bit for alpha behind its two 14-bit sizes.
        alpha = _WEBP_ALPHA_FLAG if name == b"VP8L" and body[4] & 0x10 else 0
        sizes = b"".join(struct.pack("<I", length - 1)[:3] for length in size)
        parts.insert(0, (b"VP8X", bytes([alpha, 0, 0, 0]) + sizes))
    _, head = parts[0]
    parts[0] = (b"VP8X", bytes([head[0] | _WEBP_XMP_FLAG]) + head[1:])
    chunks = b"".join(
        name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
        for name, body in [*parts, (b"XMP ", xmp)]
    )
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def _cut_gif(data: bytes) -> tuple[bytes, bytes]:
    """The file without its XMP block, and the packet that was in it."""
    begin = data.find(_GIF_XMP)
    end = data.find(_GIF_TRAILER, begin)
    if begin < 0 or end < 0:
        return data, b""
    return data[:begin] + data[end + len(_GIF_TRAILER) :], data[begin + len(_GIF_XMP) : end]
