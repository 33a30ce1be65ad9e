"""The mark of AI-generated media: in every format, without touching a pixel or another's words."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any
from xml.dom import minidom

import pytest
from PIL import Image as Pillow
from PIL import ImageCms

from bot.errors import ProviderTrouble
from bot.pictures.containers import Container, Unmarkable
from bot.pictures.images import Change
from bot.pictures.provenance import TRAINED_ALGORITHMIC_MEDIA
from tests.bot.pictures import delivered, fitted, stored
from tests.world import MODEL, picture

EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
XMP = "http://ns.adobe.com/xap/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

#: A packet as other programs write it: attributes, a title, another source, room to grow.
THEIRS = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="' + RDF + '">'
    '<rdf:Description rdf:about="uuid:7" xmlns:e="' + EXTENSION + '" xmlns:xmp="' + XMP + '"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" e:AISystemUsed="another" xmp:CreatorTool="Brush">'
    "<e:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    "</e:DigitalSourceType><dc:title>Füchse &amp; Schnee</dc:title></rdf:Description>"
    "</rdf:RDF></x:xmpmeta>" + " " * 2000 + '<?xpacket end="w"?>'
)


def read(data: bytes) -> dict[str, list[str]]:
    """Every statement of the file's XMP, found by a parser that is not ours."""
    with Pillow.open(io.BytesIO(data)) as opened:
        kind, packet = opened.format, opened.info.get("xmp", b"")
    if kind == "GIF":  # Pillow knows none there; the block is plain text up to its trailer
        packet = data.partition(b"XMP DataXMP")[2].partition(b"\x01\xff\xfe")[0]
    document = minidom.parseString(packet)
    assert len({d.getAttributeNS(RDF, "about") for d in descriptions(document)}) == 1
    found: dict[str, list[str]] = {}
    for description in descriptions(document):
        for node in description.childNodes:
            text = "".join(child.data for child in node.childNodes)
            found.setdefault(node.localName, []).append(text)
        for attribute in description.attributes.values():
            if attribute.prefix not in ("xmlns", "rdf"):
                found.setdefault(attribute.localName, []).append(attribute.value)
    return found


def descriptions(document: Any) -> list[Any]:
    return list(document.getElementsByTagNameNS(RDF, "Description"))


def pixels(data: bytes) -> tuple[str, bytes]:
    with Pillow.open(io.BytesIO(data)) as opened:
        return opened.mode, opened.tobytes()


def made(kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    source = Pillow.linear_gradient("L").resize((40, 30)).convert("RGB")
    if kind == "WEBP" and options.pop("alpha", False):
        source.putalpha(Pillow.linear_gradient("L").resize((40, 30)))
    source.save(buffer, kind, **options)
    return buffer.getvalue()


def png_with(name: bytes, body: bytes) -> bytes:
    """A picture with this chunk right behind its head."""
    data, chunk = picture("PNG"), name + body
    length, checksum = struct.pack(">I", len(body)), struct.pack(">I", zlib.crc32(chunk))
    return data[:33] + length + chunk + checksum + data[33:]


SHAPES = [
    pytest.param("JPEG", {}, id="jpeg"),
    pytest.param("JPEG", {"exif": Pillow.Exif(), "progressive": True}, id="jpeg with exif"),
    pytest.param("PNG", {}, id="png"),
    pytest.param("WEBP", {}, id="webp"),
    pytest.param("WEBP", {"lossless": True}, id="lossless webp"),
    pytest.param("WEBP", {"lossless": True, "alpha": True}, id="transparent lossless webp"),
    pytest.param("WEBP", {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0"}, id="extended webp"),
    pytest.param("GIF", {}, id="gif"),
]


@pytest.mark.parametrize(("kind", "options"), SHAPES)
def test_a_file_that_fits_is_marked_and_its_pixels_are_the_same(
    tmp_path: Path, kind: str, options: dict[str, Any]
) -> None:
    original = made(kind, **options)

    out = delivered(tmp_path, original)

    assert out.change is Change.NONE
    assert pixels(out.data) == pixels(original)
    assert read(out.data) == {
        "DigitalSourceType": [TRAINED_ALGORITHMIC_MEDIA],
        "AISystemUsed": [MODEL],
        "CreatorTool": [MODEL],
    }


@pytest.mark.parametrize(("kind", "options"), SHAPES)
def test_a_file_is_marked_when_it_is_stored(
    tmp_path: Path, kind: str, options: dict[str, Any]
) -> None:
    path = stored(tmp_path, made(kind, **options))

    assert read(path.read_bytes())["AISystemUsed"] == [MODEL]
    assert fitted(path).data == path.read_bytes()


@pytest.mark.parametrize(("kind", "options"), SHAPES)
def test_what_an_earlier_version_stored_unmarked_is_marked_on_its_way_out(
    tmp_path: Path, kind: str, options: dict[str, Any]
) -> None:
    path, original = tmp_path / "1-0", made(kind, **options)
    path.write_bytes(original)

    out = fitted(path)

    assert (out.change, pixels(out.data)) == (Change.NONE, pixels(original))
    assert read(out.data)["AISystemUsed"] == [MODEL]
    assert out.image.size == len(out.data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_file_with_xmp_keeps_what_is_not_ours_to_say(tmp_path: Path, kind: str) -> None:
    if kind == "PNG":
        packed = b"XML:com.adobe.xmp\0" + b"\1\0\0\0" + zlib.compress(THEIRS.encode())
        original = png_with(b"iTXt", packed)  # compressed, as PNG allows
    else:
        original = made(kind, xmp=THEIRS.encode())

    marked = delivered(tmp_path, original).data

    assert read(marked) == {
        "DigitalSourceType": [TRAINED_ALGORITHMIC_MEDIA],
        "AISystemUsed": [MODEL],
        "CreatorTool": ["Brush"],
        "title": ["Füchse & Schnee"],
    }
    assert marked.count(b"W5M0MpCehiHzreSzNTczkc9d") == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_marking_twice_says_it_once(tmp_path: Path, kind: str) -> None:
    once = stored(tmp_path, made(kind), "first/model").read_bytes()

    assert read(stored(tmp_path, once).read_bytes())["AISystemUsed"] == [MODEL]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_encoding_again_keeps_the_mark_and_the_others_words(tmp_path: Path, kind: str) -> None:
    data = io.BytesIO()
    noisy = Pillow.open(io.BytesIO(picture(kind, (300, 200), noise=True)))
    noisy.save(data, kind, **({"xmp": THEIRS.encode()} if kind == "JPEG" else {}))

    out = delivered(tmp_path, data.getvalue(), 30_000)

    assert out.change is not Change.NONE
    assert len(out.data) <= 30_000
    assert read(out.data)["DigitalSourceType"] == [TRAINED_ALGORITHMIC_MEDIA]
    assert ("title" in read(out.data)) == (kind == "JPEG")


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize("by_earlier_version", [False, True])
def test_a_file_that_fits_only_unmarked_is_made_smaller(
    tmp_path: Path, over: int, by_earlier_version: bool
) -> None:
    original = picture("JPEG", (300, 200), noise=True)
    path = stored(tmp_path, original)
    limit = path.stat().st_size - over
    if by_earlier_version:
        path.write_bytes(original)

    out = fitted(path, limit)

    assert (out.change is not Change.NONE) == bool(over)
    assert len(out.data) <= limit
    assert read(out.data)["AISystemUsed"] == [MODEL]


@pytest.mark.parametrize(
    "theirs",
    [b"", b"\xff\xfe\x00nonsense", b"<x/>", b"<!DOCTYPE b [<!ENTITY a 'aa'>]><b>&a;</b>"],
)
def test_xmp_that_nobody_can_read_is_replaced(tmp_path: Path, theirs: bytes) -> None:
    marked = delivered(tmp_path, made("WEBP", xmp=theirs)).data

    assert read(marked)["AISystemUsed"] == [MODEL]


@pytest.mark.parametrize("body", [b"", b"\1", b"\1\0\0\0not compressed", b"\1\0"])
def test_a_broken_packet_in_a_png_is_replaced(tmp_path: Path, body: bytes) -> None:
    original = png_with(b"iTXt", b"XML:com.adobe.xmp\0" + body)

    assert read(delivered(tmp_path, original).data)["AISystemUsed"] == [MODEL]


def test_a_model_is_data_not_markup(tmp_path: Path) -> None:
    marked = delivered(tmp_path, made("JPEG"), model='a/b"<&>').data

    assert read(marked)["AISystemUsed"] == ['a/b"<&>']


def test_a_packet_that_jpeg_has_no_room_for_gives_way_to_ours_alone(tmp_path: Path) -> None:
    long = THEIRS.replace("Schnee", "Schnee" * 20_000).encode()
    with pytest.raises(Unmarkable):
        Container(io.BytesIO(picture("JPEG")), "image/jpeg").with_xmp(long, (64, 48))

    crowded = made("WEBP", xmp=long)

    assert "title" in read(delivered(tmp_path, crowded).data)
    assert "title" not in read(delivered(tmp_path, crowded, 20_000).data)


def test_a_signed_statement_of_the_same_is_left_untouched(tmp_path: Path) -> None:
    manifest = b"jumb c2pa: digitalSourceType " + TRAINED_ALGORITHMIC_MEDIA.encode()
    signed = png_with(b"caBX", manifest)

    assert delivered(tmp_path, signed).data == signed


def test_a_signed_statement_of_something_else_is_no_mark(tmp_path: Path) -> None:
    signed = png_with(b"caBX", b"jumb c2pa: digitalCapture")

    assert read(delivered(tmp_path, signed).data)["AISystemUsed"] == [MODEL]


@pytest.mark.fault(
    "an image file with a loose layout", sees="the image, encoded again", charged="one image, once"
)
def test_a_file_that_is_not_laid_out_as_its_format_says_is_encoded_again(tmp_path: Path) -> None:
    data = made("JPEG")
    loose = data[:2] + b"\xff" + data[2:]  # a fill byte, which few readers mind

    out = delivered(tmp_path, loose)

    assert out.change is Change.QUALITY
    assert read(out.data)["AISystemUsed"] == [MODEL]


def test_what_can_neither_be_marked_nor_decoded_is_the_providers_trouble(tmp_path: Path) -> None:
    data = picture("PNG")
    length = struct.pack(">I", 1 << 20)
    at = data.index(b"IDAT") - 4
    broken = data[:at] + length + data[at + 4 : at + 8] + b"?" + data[at + 9 :]

    with pytest.raises(ProviderTrouble):
        delivered(tmp_path, broken)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_encoding_again_keeps_the_colour_profile(tmp_path: Path, kind: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = io.BytesIO()
    noisy = Pillow.open(io.BytesIO(picture("PNG", (300, 200), noise=True)))
    noisy.save(data, kind, icc_profile=profile, quality=100)

    out = delivered(tmp_path, data.getvalue(), 60_000)

    with Pillow.open(io.BytesIO(out.data)) as opened:
        assert opened.info["icc_profile"] == profile
