"""The mark of AI-generated media: in every format, without touching a pixel or another's words."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any
from xml.dom import minidom

import pytest
from PIL import Image as Pillow
from PIL import ImageCms

from bot import images, provenance
from bot.domain import Image
from bot.errors import ProviderTrouble
from bot.provenance import TRAINED_ALGORITHMIC_MEDIA, Unmarkable
from tests.world import MODEL, picture

EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
XMP = "http://ns.adobe.com/xap/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PLENTY = 1 << 30

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


def made(kind: str, **options: Any) -> Image:
    buffer = io.BytesIO()
    source = Pillow.linear_gradient("L").resize((40, 30)).convert("RGB")
    if kind == "WEBP" and options.pop("alpha", False):
        source.putalpha(Pillow.linear_gradient("L").resize((40, 30)))
    source.save(buffer, kind, **options)
    return images.inspect(buffer.getvalue())


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
    kind: str, options: dict[str, Any]
) -> None:
    original = made(kind, **options)

    delivered = images.prepare(original, PLENTY, MODEL)

    assert delivered.change is images.Change.NONE
    assert pixels(delivered.image.data) == pixels(original.data)
    assert images.inspect(delivered.image.data) == delivered.image
    assert read(delivered.image.data) == {
        "DigitalSourceType": [TRAINED_ALGORITHMIC_MEDIA],
        "AISystemUsed": [MODEL],
        "CreatorTool": [MODEL],
    }


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_file_with_xmp_keeps_what_is_not_ours_to_say(kind: str) -> None:
    if kind == "PNG":
        buffer, chunk = io.BytesIO(picture("PNG")), provenance._PNG_XMP
        body = chunk + b"\1\0\0\0" + zlib.compress(THEIRS.encode())  # compressed, as PNG allows
        data = buffer.getvalue()
        original = images.inspect(data[:33] + provenance._png_chunk(b"iTXt", body) + data[33:])
    else:
        original = made(kind, xmp=THEIRS.encode())

    marked = images.prepare(original, PLENTY, MODEL).image

    assert read(marked.data) == {
        "DigitalSourceType": [TRAINED_ALGORITHMIC_MEDIA],
        "AISystemUsed": [MODEL],
        "CreatorTool": ["Brush"],
        "title": ["Füchse & Schnee"],
    }
    assert marked.data.count(b"W5M0MpCehiHzreSzNTczkc9d") == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_marking_twice_says_it_once(kind: str) -> None:
    once = images.mark(made(kind), "first/model")

    assert read(images.mark(once, MODEL).data)["AISystemUsed"] == [MODEL]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_encoding_again_keeps_the_mark_and_the_others_words(kind: str) -> None:
    data = io.BytesIO()
    noisy = Pillow.open(io.BytesIO(picture(kind, (300, 200), noise=True)))
    noisy.save(data, kind, **({"xmp": THEIRS.encode()} if kind == "JPEG" else {}))
    original = images.inspect(data.getvalue())

    delivered = images.prepare(original, 30_000, MODEL)

    assert delivered.change is not images.Change.NONE
    assert len(delivered.image.data) <= 30_000
    assert read(delivered.image.data)["DigitalSourceType"] == [TRAINED_ALGORITHMIC_MEDIA]
    assert ("title" in read(delivered.image.data)) == (kind == "JPEG")


@pytest.mark.parametrize("over", [0, 1])
def test_a_file_that_fits_only_unmarked_is_made_smaller(over: int) -> None:
    original = images.inspect(picture("JPEG", (300, 200), noise=True))
    marked = images.mark(original, MODEL)

    delivered = images.prepare(original, len(marked.data) - over, MODEL)

    assert (delivered.change is not images.Change.NONE) == bool(over)
    assert len(delivered.image.data) <= len(marked.data) - over
    assert read(delivered.image.data)["AISystemUsed"] == [MODEL]


@pytest.mark.parametrize(
    "theirs",
    [b"", b"\xff\xfe\x00nonsense", b"<x/>", b"<!DOCTYPE b [<!ENTITY a 'aa'>]><b>&a;</b>"],
)
def test_xmp_that_nobody_can_read_is_replaced(theirs: bytes) -> None:
    marked = images.mark(made("WEBP", xmp=theirs), MODEL)

    assert read(marked.data)["AISystemUsed"] == [MODEL]


def test_a_model_is_data_not_markup() -> None:
    marked = images.mark(made("JPEG"), 'a/b"<&>')

    assert read(marked.data)["AISystemUsed"] == ['a/b"<&>']


def test_a_packet_that_jpeg_has_no_room_for_gives_way_to_ours_alone() -> None:
    long = THEIRS.replace("Schnee", "Schnee" * 20_000).encode()
    original = images.inspect(picture("JPEG"))
    crowded = made("WEBP", xmp=long)

    with pytest.raises(Unmarkable):
        provenance.embed(original.data, "image/jpeg", long, (64, 48))
    assert "title" in read(images.prepare(crowded, PLENTY, MODEL).image.data)
    assert "title" not in read(images.prepare(crowded, 20_000, MODEL).image.data)


def test_a_signed_statement_of_the_same_is_left_untouched() -> None:
    data = picture("PNG")
    manifest = b"jumb c2pa: digitalSourceType " + TRAINED_ALGORITHMIC_MEDIA.encode()
    signed = images.inspect(data[:33] + provenance._png_chunk(b"caBX", manifest) + data[33:])

    assert images.prepare(signed, PLENTY, MODEL).image is signed


def test_a_signed_statement_of_something_else_is_no_mark() -> None:
    data = picture("PNG")
    chunk = provenance._png_chunk(b"caBX", b"jumb c2pa: digitalCapture")
    signed = images.inspect(data[:33] + chunk + data[33:])

    assert read(images.prepare(signed, PLENTY, MODEL).image.data)["AISystemUsed"] == [MODEL]


@pytest.mark.fault(
    "an image file with a loose layout", sees="the image, encoded again", charged="one image, once"
)
def test_a_file_that_is_not_laid_out_as_its_format_says_is_encoded_again() -> None:
    data = made("JPEG").data
    loose = images.inspect(data[:2] + b"\xff" + data[2:])  # a fill byte, which few readers mind

    delivered = images.prepare(loose, PLENTY, MODEL)

    assert delivered.change is images.Change.QUALITY
    assert read(delivered.image.data)["AISystemUsed"] == [MODEL]


def test_what_can_neither_be_marked_nor_decoded_is_the_providers_trouble() -> None:
    data = picture("PNG")
    length = struct.pack(">I", 1 << 20)
    at = data.index(b"IDAT") - 4
    broken = images.inspect(data[:at] + length + data[at + 4 : at + 8] + b"?" + data[at + 9 :])

    with pytest.raises(ProviderTrouble):
        images.prepare(broken, PLENTY, MODEL)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_encoding_again_keeps_the_colour_profile(kind: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = io.BytesIO()
    noisy = Pillow.open(io.BytesIO(picture("PNG", (300, 200), noise=True)))
    noisy.save(data, kind, icc_profile=profile, quality=100)

    delivered = images.prepare(images.inspect(data.getvalue()), 60_000, MODEL)

    with Pillow.open(io.BytesIO(delivered.image.data)) as opened:
        assert opened.info["icc_profile"] == profile
