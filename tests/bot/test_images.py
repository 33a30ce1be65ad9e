"""Pictures: recognised by their bytes, whole, small enough; the store loses nothing."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image as Pillow

from bot import images
from bot.domain import Image
from bot.errors import ProviderTrouble
from bot.images import Change
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


def bomb_of(width: int, height: int) -> bytes:
    """A few bytes that claim to be that large."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    return bomb + struct.pack(">I", zlib.crc32(chunk)) + b"\0\0\0\0IEND\xaeB`\x82"


def test_a_decompression_bomb_is_refused_without_being_decoded() -> None:
    with pytest.raises(ProviderTrouble):
        images.inspect(bomb_of(60_000, 60_000))


def pixels(data: bytes) -> bytes:
    with Pillow.open(io.BytesIO(data)) as opened:
        return opened.tobytes()


def test_a_picture_that_fits_goes_out_untouched() -> None:
    image = images.inspect(picture("PNG"))

    fitted = images.prepare(image, len(image.data) + 10_000, "owner/name")

    assert fitted.change is images.Change.NONE
    assert pixels(fitted.image.data) == pixels(image.data)


@pytest.mark.parametrize(
    ("kind", "limit", "change", "media_type"),
    [
        ("JPEG", 40_000, Change.QUALITY, "image/jpeg"),
        ("JPEG", 10_000, Change.SIZE, "image/jpeg"),
        ("WEBP", 40_000, Change.QUALITY, "image/webp"),
        ("PNG", 80_000, Change.FORMAT, "image/webp"),
        ("PNG", 10_000, Change.SIZE, "image/webp"),
        ("GIF", 50_000, Change.FORMAT, "image/webp"),
    ],
)
def test_a_picture_that_does_not_fit_loses_quality_then_its_format_then_pixels(
    kind: str, limit: int, change: Change, media_type: str
) -> None:
    quality = {"quality": 100} if kind in ("JPEG", "WEBP") else {}
    buffer = io.BytesIO()
    Pillow.open(io.BytesIO(picture("PNG", (300, 200), noise=True))).save(buffer, kind, **quality)
    image = images.inspect(buffer.getvalue())

    fitted = images.squeeze(image, limit)

    assert fitted.change is change
    assert len(fitted.image.data) <= limit
    assert images.inspect(fitted.image.data) == fitted.image
    assert fitted.image.media_type == media_type
    assert ((fitted.image.width, fitted.image.height) == (300, 200)) == (change != Change.SIZE)


def test_what_was_transparent_stays_so_or_becomes_white() -> None:
    buffer = io.BytesIO()
    noisy = Pillow.open(io.BytesIO(picture("PNG", (300, 200), noise=True)))
    noisy.putalpha(Pillow.new("L", noisy.size, 0))
    noisy.save(buffer, "PNG")

    fitted = images.squeeze(images.inspect(buffer.getvalue()), 50_000)

    with Pillow.open(io.BytesIO(fitted.image.data)) as opened:
        assert opened.getpixel((5, 5))[3] == 0  # type: ignore[index] # a pixel of four channels
    assert images._flat(noisy).getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bits_of_grey_are_not_cut_off_at_eight() -> None:
    buffer = io.BytesIO()
    Pillow.frombytes("I;16", (2, 1), struct.pack("<HH", 0x4000, 0xFFFF)).save(buffer, "PNG")

    decoded = images._decoded(images.inspect(buffer.getvalue()))

    assert [decoded.getpixel((x, 0)) for x in (0, 1)] == [(64, 64, 64), (255, 255, 255)]


def test_a_picture_lying_on_its_side_is_turned_when_it_is_encoded_again() -> None:
    buffer = io.BytesIO()
    exif = Pillow.Exif()
    exif[0x0112] = 6  # turn by 90°
    noisy = Pillow.open(io.BytesIO(picture("PNG", (300, 200), noise=True)))
    noisy.save(buffer, "JPEG", exif=exif, quality=100)

    fitted = images.squeeze(images.inspect(buffer.getvalue()), 40_000)

    assert (fitted.image.width, fitted.image.height) == (200, 300)


@pytest.mark.fault(
    "an image that unpacks to gigabytes",
    sees="not generated, the provider is in trouble",
    charged="the person: nothing; the installation: what the provider bills",
)
def test_a_bomb_that_hides_behind_a_small_head_is_refused_when_it_is_decoded() -> None:
    bomb = Image(bomb_of(60_000, 60_000), "image/png", 64, 48)

    with pytest.raises(ProviderTrouble):
        images.squeeze(bomb, 10)


def test_a_limit_that_nothing_fits_is_the_providers_trouble() -> None:
    with pytest.raises(ProviderTrouble):
        images.squeeze(images.inspect(picture("PNG", noise=True)), 20)


def test_the_sweep_removes_what_is_old_but_not_what_is_still_needed(tmp_path: Path) -> None:
    store, image = images.ImageStore(tmp_path), images.inspect(picture())
    old, needed, young = (store.write(f"{n}-0", image) for n in range(3))
    (tmp_path / "9-0.jpg.part").write_bytes(b"left behind by a crash")
    for name in (old, needed, "9-0.jpg.part"):
        os.utime(tmp_path / name, (1_000, 1_000))

    removed = store.sweep(older_than=2_000_000.0, keep={needed})

    assert removed == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == [needed, young]


def test_there_is_nothing_to_sweep_before_the_first_picture(tmp_path: Path) -> None:
    assert images.ImageStore(tmp_path / "images").sweep(older_than=1e15, keep=()) == 0


def test_the_store_gives_back_what_it_took_until_it_is_swept(tmp_path: Path) -> None:
    store = images.ImageStore(tmp_path / "images")
    image = images.inspect(picture())

    name = store.write("12-0", image)
    assert store.read(name) == Image(image.data, "image/jpeg", 64, 48)
    store.sweep(float("inf"), keep=())

    with pytest.raises(FileNotFoundError):
        store.read(name)
    assert list((tmp_path / "images").iterdir()) == []
