"""Pictures: recognised by their bytes, whole, small enough; the store loses nothing."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

from bot.errors import ProviderTrouble
from bot.pictures import images
from bot.pictures.containers import IN_MEMORY
from bot.pictures.files import ImageFiles
from bot.pictures.images import Change
from tests.bot.pictures import PLENTY, content, delivered, fitted, inspected, stored
from tests.world import MODEL, picture


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
    data = picture(kind)

    image = inspected(data)

    assert (image.media_type, image.extension) == (media_type, extension)
    assert (image.width, image.height, image.size) == (64, 48, len(data))


@pytest.mark.parametrize(
    "options",
    [{}, {"lossless": True}, {"exif": b"Exif\0\0II*\0"}],
    ids=["lossy", "lossless", "extended"],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_no_canvas_is_set_up_to_find_out_how_large_a_webp_is(
    monkeypatch: pytest.MonkeyPatch, mode: str, options: dict[str, Any]
) -> None:
    """It would have eight bytes a pixel, in each thread that looks at one."""
    buffer = io.BytesIO()
    Pillow.new(mode, (301, 77), (1, 2, 3, 128)[: len(mode)]).save(buffer, "WEBP", **options)
    monkeypatch.setattr("PIL._webp.WebPAnimDecoder", None)

    image = inspected(buffer.getvalue())

    assert (image.media_type, image.width, image.height) == ("image/webp", 301, 77)


def test_a_webp_that_moves_is_recognised_too() -> None:
    buffer, frames = io.BytesIO(), [Pillow.new("RGB", (64, 48), each) for each in ("red", "blue")]
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:])

    image = inspected(buffer.getvalue())

    assert (image.media_type, image.width, image.height) == ("image/webp", 64, 48)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_cut_short_is_refused(kind: str) -> None:
    with pytest.raises(ProviderTrouble):
        inspected(picture(kind)[:-3])


def test_a_jpeg_that_its_writer_filled_up_with_zeros_is_whole() -> None:
    assert inspected(picture() + bytes(5000)).media_type == "image/jpeg"


@pytest.mark.parametrize("data", [b"", b"<html>", b"\xff\xd8\xff", b"GIF89a;", b"BM" * 100])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(ProviderTrouble):
        inspected(data)


class BadSector(io.BytesIO):
    """A disk that fails to read."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(5, "Input/output error")


def test_a_disk_that_fails_is_not_the_pictures_fault() -> None:
    with pytest.raises(OSError, match="Input/output error"):
        images.inspect(BadSector(picture()))


def bomb_of(width: int, height: int) -> bytes:
    """A few bytes that claim to be that large."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    return bomb + struct.pack(">I", zlib.crc32(chunk)) + b"\0\0\0\0IEND\xaeB`\x82"


#: As large as a WebP can be: 268 megapixels.
WEBP_BOMB = b"RIFF\x12\0\0\0WEBPVP8L\x05\0\0\0\x2f\xff\xff\xff\x0f\0"


@pytest.mark.fault(
    "an image that unpacks to gigabytes",
    sees="not generated, the provider is in trouble",
    charged="the person: nothing; the installation: what the provider bills",
)
@pytest.mark.parametrize("bomb", [bomb_of(60_000, 60_000), WEBP_BOMB], ids=["PNG", "WEBP"])
def test_a_decompression_bomb_is_refused_without_being_decoded(bomb: bytes) -> None:
    with pytest.raises(ProviderTrouble):
        inspected(bomb)


def test_a_bomb_is_refused_when_it_is_decoded_too() -> None:
    with pytest.raises(ProviderTrouble):
        images._decoded(io.BytesIO(bomb_of(60_000, 60_000)))


@pytest.mark.parametrize("size", [(64, 48), (1000, 800)])
def test_a_picture_that_fits_goes_out_as_it_lies_in_the_store(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    """A large one as the file that it is."""
    path = stored(tmp_path, picture("PNG", size, noise=True))

    found = images.as_stored(path, path.stat().st_size, MODEL)

    assert found is not None
    assert (content(found), found.change) == (path.read_bytes(), Change.NONE)
    assert found.image.size == path.stat().st_size
    assert (found.file == path) == (found.image.size > IN_MEMORY)


def test_a_picture_one_byte_too_large_is_made_to_fit(tmp_path: Path) -> None:
    path = stored(tmp_path, picture("PNG", noise=True))
    limit = path.stat().st_size - 1

    assert images.as_stored(path, limit, MODEL) is None
    assert fitted(path, limit).image.size <= limit


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
    tmp_path: Path, kind: str, limit: int, change: Change, media_type: str
) -> None:
    quality = {"quality": 100} if kind in ("JPEG", "WEBP") else {}
    buffer = io.BytesIO()
    Pillow.open(io.BytesIO(picture("PNG", (300, 200), noise=True))).save(buffer, kind, **quality)

    out = delivered(tmp_path, buffer.getvalue(), limit)

    assert out.change is change
    assert len(out.data) <= limit
    assert inspected(out.data) == out.image
    assert out.image.media_type == media_type
    assert ((out.image.width, out.image.height) == (300, 200)) == (change != Change.SIZE)


def test_what_was_transparent_stays_so_or_becomes_white(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    noisy = Pillow.open(io.BytesIO(picture("PNG", (300, 200), noise=True)))
    noisy.putalpha(Pillow.new("L", noisy.size, 0))
    noisy.save(buffer, "PNG")

    out = delivered(tmp_path, buffer.getvalue(), 50_000)

    with Pillow.open(io.BytesIO(out.data)) as opened:
        assert opened.getpixel((5, 5))[3] == 0  # type: ignore[index] # a pixel of four channels
    assert images._flat(noisy).getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bits_of_grey_are_not_cut_off_at_eight() -> None:
    buffer = io.BytesIO()
    Pillow.frombytes("I;16", (2, 1), struct.pack("<HH", 0x4000, 0xFFFF)).save(buffer, "PNG")

    decoded = images._decoded(buffer)

    assert [decoded.getpixel((x, 0)) for x in (0, 1)] == [(64, 64, 64), (255, 255, 255)]


def test_a_picture_lying_on_its_side_is_turned_when_it_is_encoded_again(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    exif = Pillow.Exif()
    exif[0x0112] = 6  # turn by 90°
    noisy = Pillow.open(io.BytesIO(picture("PNG", (300, 200), noise=True)))
    noisy.save(buffer, "JPEG", exif=exif, quality=100)

    out = delivered(tmp_path, buffer.getvalue(), 40_000)

    assert (out.image.width, out.image.height) == (200, 300)


def test_a_limit_that_nothing_fits_is_the_providers_trouble(tmp_path: Path) -> None:
    with pytest.raises(ProviderTrouble):
        delivered(tmp_path, picture("PNG", noise=True), 20)


def test_a_picture_that_is_not_stored_is_not_found(tmp_path: Path) -> None:
    for fit in (images.as_stored, images.made_to_fit):
        with pytest.raises(FileNotFoundError):
            fit(tmp_path / "1-0.jpg", PLENTY, MODEL)


# ---------------------------------------------------------------------------------- the store


@pytest.mark.parametrize("size", [(64, 48), (2400, 2000)])
def test_the_store_keeps_what_was_spooled_and_nothing_else(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    store = ImageFiles(tmp_path / "data" / "images")
    with closing(store.spool()) as spool:
        if spool.add(picture("JPEG", size, noise=True)):
            store.flush(spool)
        kept = store.keep("12-0", spool, MODEL).stored

    assert (
        [file.name for file in (tmp_path / "data" / "images").iterdir()]
        == [kept.name]
        == ["12-0.jpg"]
    )
    image = inspected(store.path(kept.name).read_bytes())
    assert (image.media_type, image.size) == (kept.media_type, kept.size)


def test_what_is_no_picture_is_not_stored(tmp_path: Path) -> None:
    with pytest.raises(ProviderTrouble):
        stored(tmp_path, b"<html>")
    assert list(tmp_path.iterdir()) == []


@contextmanager
def no_room_for_files_beyond(size: int) -> Iterator[None]:
    """Linux refuses whatever would make a file larger, as a full disk does."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_picture_is_whole_or_not_there_at_all(tmp_path: Path) -> None:
    """What a disk without room leaves is a draft, and the next attempt writes it anew."""
    store, data = ImageFiles(tmp_path), picture("PNG", noise=True)
    spool = store.spool()
    spool.add(data)
    with no_room_for_files_beyond(len(data) // 2), pytest.raises(OSError, match="too large"):
        store.keep("1-0", spool, MODEL)
    assert not store.path("1-0.png").exists()

    path = stored(tmp_path, data)

    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_the_sweep_removes_what_is_old_but_not_what_is_still_needed(tmp_path: Path) -> None:
    old, needed, young = (f"{n}-0.jpg" for n in range(3))
    for name in (old, needed, young):
        (tmp_path / name).write_bytes(picture())
    (tmp_path / "9-0.jpg.part").write_bytes(b"left behind by a crash")
    for name in (old, needed, "9-0.jpg.part"):
        os.utime(tmp_path / name, (1_000, 1_000))

    removed = ImageFiles(tmp_path).sweep(older_than=2_000_000.0, keep={needed})

    assert removed == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == [needed, young]


def test_there_is_nothing_to_sweep_before_the_first_picture(tmp_path: Path) -> None:
    assert ImageFiles(tmp_path / "images").sweep(older_than=1e15, keep=()) == 0
