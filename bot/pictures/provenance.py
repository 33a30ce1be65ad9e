"""The machine-readable mark of AI-generated media: what it says, in words of XMP. Pure.

The mark is an XMP packet with the IPTC's `DigitalSourceType` (what readers of provenance look
for), `AISystemUsed` (IPTC 2025.1) and, for older readers, `xmp:CreatorTool`. Other statements in a
packet that a file has already stay. Where it lies in a file, `bot.pictures.containers` knows.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

TRAINED_ALGORITHMIC_MEDIA = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

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


def packet(model: str, found: bytes = b"") -> bytes:
    """The XMP for a file: its own statements, from the packet found there, and ours."""
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


def stated(xmp: bytes) -> bool:
    """Whether a file's packet says already that it is AI-generated."""
    return TRAINED_ALGORITHMIC_MEDIA.encode() in xmp


def signed(manifest: bytes) -> bool:
    """Whether Content Credentials (C2PA) say it already, under a signature.

    One more byte in the file would break that signature, which is worth more than our word.
    """
    return b"c2pa" in manifest and b"trainedAlgorithmicMedia" in manifest
