"""Picture files taken apart and put together again, byte by byte."""

from __future__ import annotations

import io
import struct
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from bot.pictures.containers import PIECE, Container, Unmarkable, pieces, webp_size
from bot.pictures.images import UNREADABLE
from tests.world import picture

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'


def with_xmp(data: bytes, kind: str, xmp: bytes = XMP) -> bytes:
    return b"".join(Container(io.BytesIO(data), TYPES[kind]).with_xmp(xmp, (64, 48)))


def xmp_of(data: bytes, kind: str) -> bytes:
    return Container(io.BytesIO(data), TYPES[kind]).xmp


def pixels(data: bytes) -> bytes:
    with Pillow.open(io.BytesIO(data)) as opened:
        return opened.tobytes()


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("xmp", [XMP, XMP + b" "])
def test_a_packet_that_was_put_in_is_found_again_and_can_be_replaced(kind: str, xmp: bytes) -> None:
    data = picture(kind)

    once = with_xmp(data, kind, b"another packet, and a longer one than ours" * 9)
    twice = with_xmp(once, kind, xmp)

    assert xmp_of(data, kind) == b""
    assert xmp_of(twice, kind) == xmp
    assert twice == with_xmp(data, kind, xmp)
    assert pixels(twice) == pixels(data)


def test_everything_else_in_the_file_stays_where_it_was() -> None:
    data = picture("PNG", noise=True)

    marked = with_xmp(data, "PNG")

    added = len(marked) - len(data)
    assert marked[:33] + marked[33 + added :] == data


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_a_writer_left_behind_the_end_is_dropped(kind: str) -> None:
    data = picture(kind)

    assert with_xmp(data + b"left behind", kind) == with_xmp(data, kind)


def odd_webp(*, padded: bool) -> bytes:
    """A file whose last chunk has an odd length, with the padding byte or without."""
    chunk = b"EXIF" + struct.pack("<I", 3) + b"II*" + b"\0" * padded
    body = b"WEBP" + picture("WEBP")[12:] + chunk
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("padded", [True, False])
def test_a_webp_says_how_long_it_is_and_every_chunk_begins_at_an_even_place(padded: bool) -> None:
    marked = with_xmp(odd_webp(padded=padded), "WEBP")

    assert struct.unpack_from("<I", marked, 4)[0] == len(marked) - 8
    assert marked.index(b"XMP ") % 2 == 0
    assert xmp_of(marked, "WEBP") == XMP
    assert marked == with_xmp(odd_webp(padded=True), "WEBP")


def test_a_large_file_is_never_in_memory_whole() -> None:
    data = bytes(range(256)) * (5 * PIECE // 256) + b"a bit more"

    parts = list(
        pieces(io.BytesIO(data), [(PIECE, PIECE + 3, b"xyz"), (len(data), len(data), b"!")])
    )

    assert b"".join(parts) == data[:PIECE] + b"xyz" + data[PIECE + 3 :] + b"!"
    assert max(map(len, parts)) <= PIECE


@pytest.mark.parametrize("kind", TYPES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_broken_files_are_unmarkable_or_marked_and_nothing_else(
    kind: str, data: st.DataObject
) -> None:
    """Whatever bytes were lost or changed: no other error, no endless walk."""
    whole = picture(kind)
    at = data.draw(st.integers(0, len(whole) - 1))
    junk = data.draw(st.binary(max_size=12))
    lost = data.draw(st.integers(0, 40))
    broken = whole[:at] + junk + whole[at + lost :]

    try:
        marked = with_xmp(broken, kind)
    except Unmarkable:
        return
    assert XMP in marked


@pytest.mark.parametrize("lossless", [False, True])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_broken_webp_is_never_taken_for_another_size_than_it_has(
    lossless: bool, data: st.DataObject
) -> None:
    buffer = io.BytesIO()
    Pillow.new("RGB", (64, 48), "red").save(buffer, "WEBP", lossless=lossless, exif=b"II*")
    broken = bytearray(buffer.getvalue())
    broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    found = webp_size(io.BytesIO(broken))

    with (
        suppress(*UNREADABLE, Warning),
        Pillow.open(io.BytesIO(broken), formats=("WEBP",)) as opened,
    ):
        assert found in {opened.size, (0, 0)}
