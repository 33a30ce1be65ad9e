"""Pictures: recognised by their bytes, whole, small enough; the store loses nothing."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from bot import images
from bot.domain import Image
from bot.errors import ProviderTrouble
from tests.world import picture


@pytest.mark.parametrize(
    ("kind", "media_type", "extension"),
    [
        ("JPEG", "image/jpeg", "jpg"),
        ("PNG", "image/png", "png"),
        ("WEBP", "image/webp", "webp"),
        ("GIF", "image/gif", "gif"),
    ],
)
def test_the_type_is_read_from_the_bytes(kind: str, media_type: str, extension: str) -> None:
    image = images.inspect(picture(kind))

    assert (image.media_type, image.extension) == (media_type, extension)
    assert (image.width, image.height) == (64, 48)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_cut_short_is_refused(kind: str) -> None:
    with pytest.raises(ProviderTrouble):
        images.inspect(picture(kind)[:-3])


@pytest.mark.parametrize("data", [b"", b"<html>", b"\xff\xd8\xff", b"GIF89a;", b"BM" * 100])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(ProviderTrouble):
        images.inspect(data)


def test_a_decompression_bomb_is_refused_without_being_decoded() -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    bomb += struct.pack(">I", zlib.crc32(chunk)) + b"\0\0\0\0IEND\xaeB`\x82"

    with pytest.raises(ProviderTrouble):
        images.inspect(bomb)


def test_a_picture_that_fits_goes_out_untouched() -> None:
    image = images.inspect(picture("PNG"))

    assert images.fit(image, len(image.data)).image is image


def test_a_picture_that_does_not_fit_becomes_the_largest_jpeg_that_does() -> None:
    image = images.inspect(picture("PNG", (400, 300), noise=True))

    fitted = images.fit(image, 40_000)

    assert fitted.shrunk
    assert len(fitted.image.data) <= 40_000
    assert images.inspect(fitted.image.data).media_type == "image/jpeg"


def test_a_limit_that_nothing_fits_is_the_providers_trouble() -> None:
    with pytest.raises(ProviderTrouble):
        images.fit(images.inspect(picture("PNG", noise=True)), 100)


def test_the_store_gives_back_what_it_took_and_forgets_on_request(tmp_path: Path) -> None:
    store = images.ImageStore(tmp_path / "images")
    image = images.inspect(picture())

    name = store.write("12-0", image)
    assert store.read(name) == Image(image.data, "image/jpeg", 64, 48)
    store.remove(name)

    with pytest.raises(FileNotFoundError):
        store.read(name)
    assert list((tmp_path / "images").iterdir()) == []
