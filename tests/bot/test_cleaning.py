"""Pictures that people attach: what is taken, what is refused, and what is left behind."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from PIL import Image as Pillow
from PIL import ImageCms
from PIL.PngImagePlugin import PngInfo

from bot.domain.attached import MOST_BYTES, MOST_PIXELS
from bot.pictures import cleaning
from bot.pictures.cleaning import Clean, cleaned
from bot.refusals.pictures import (
    PictureAnimated,
    PictureBroken,
    PictureKindNotTaken,
    PictureMistyped,
    PictureRefused,
    PictureTooLarge,
    PictureTooManyPixels,
)

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825


def encoded(picture: Pillow.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def two_colours(mode: str = "RGB") -> Pillow.Image:
    """Red on the left, blue on the right."""
    picture = Pillow.new("RGB", (64, 32), (220, 30, 30))
    picture.paste((30, 30, 220), (32, 0, 64, 32))
    return picture.convert(mode)


def opened(clean: Clean) -> Any:
    picture = Pillow.open(io.BytesIO(clean.content))
    picture.load()
    return picture


def near(one: Any, other: tuple[int, ...], by: int = 12) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def photo() -> bytes:
    """As a phone makes it: lying on its side, and with the place where it was taken."""
    exif = Pillow.Exif()
    exif[ORIENTATION], exif[MAKE] = 6, "Fox Phones"
    exif.get_ifd(GPS)[2] = (52.0, 31.0, 12.0)
    return encoded(two_colours(), "JPEG", exif=exif, quality=95, comment=b"at home")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_stays_what_it_is(kind: str) -> None:
    clean = cleaned(encoded(two_colours(), kind), TYPES[kind])

    picture = opened(clean)
    assert (clean.media_type, picture.format) == (TYPES[kind], kind)
    assert (clean.width, clean.height) == picture.size == (64, 32)
    assert near(picture.convert("RGB").getpixel((8, 16)), (220, 30, 30))


@pytest.mark.parametrize(
    ("mode", "kind", "options", "becomes"),
    [
        ("P", "GIF", {}, "PNG"),
        ("RGB", "WEBP", {"quality": 80}, "JPEG"),
        ("RGB", "WEBP", {"lossless": True}, "PNG"),
        ("RGBA", "WEBP", {"quality": 80}, "PNG"),
    ],
)
def test_what_not_every_model_takes_becomes_what_loses_nothing_more(
    mode: str, kind: str, options: dict[str, Any], becomes: str
) -> None:
    picture = two_colours(mode)
    if mode == "RGBA":
        picture.putalpha(128)

    clean = cleaned(encoded(picture, kind, **options), TYPES[kind])

    assert (clean.media_type, opened(clean).format) == (TYPES[becomes], becomes)


def test_a_photo_is_turned_upright_before_that_is_forgotten() -> None:
    clean = cleaned(photo(), "image/jpeg")

    picture = opened(clean)
    assert picture.size == (32, 64)
    assert near(picture.getpixel((16, 8)), (220, 30, 30))  # what was left is on top
    assert ORIENTATION not in picture.getexif()


def test_where_and_with_what_it_was_made_is_left_behind() -> None:
    before = photo()
    assert b"Fox Phones" in before
    assert b"at home" in before

    clean = cleaned(before, "image/jpeg")

    assert not opened(clean).getexif()
    assert b"Exif" not in clean.content
    assert b"Fox" not in clean.content
    assert b"at home" not in clean.content


def test_a_pngs_texts_are_left_behind() -> None:
    texts = PngInfo()
    texts.add_text("Author", "alice at home")
    texts.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>alice at home</x:xmpmeta>")

    clean = cleaned(encoded(two_colours(), "PNG", pnginfo=texts), "image/png")

    assert b"alice" not in clean.content
    assert opened(clean).info == {}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_colour_profile_stays(kind: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    clean = cleaned(encoded(two_colours(), kind, icc_profile=profile), TYPES[kind])

    assert opened(clean).info["icc_profile"] == profile


def test_a_profile_that_is_no_profile_any_more_is_left_behind() -> None:
    smuggled = b"\0" * 300_000

    clean = cleaned(encoded(two_colours(), "PNG", icc_profile=smuggled), "image/png")

    assert "icc_profile" not in opened(clean).info


def test_what_is_hidden_behind_the_end_is_left_behind() -> None:
    polyglot = encoded(two_colours(), "PNG") + b"PK\x03\x04 a zip, a script, a secret"

    clean = cleaned(polyglot, "image/png")

    assert b"secret" not in clean.content


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("CMYK", "JPEG"), ("L", "JPEG"), ("L", "PNG"), ("P", "PNG"), ("1", "PNG"), ("LA", "PNG")],
)
def test_every_way_to_write_colours_ends_as_red_green_blue(mode: str, kind: str) -> None:
    clean = cleaned(encoded(two_colours(mode), kind), TYPES[kind])

    assert opened(clean).mode in ("RGB", "RGBA")


def test_sixteen_bits_of_grey_are_not_cut_off() -> None:
    grey = Pillow.new("I;16", (8, 8), 0x8000)

    clean = cleaned(encoded(grey, "PNG"), "image/png")

    assert opened(clean).getpixel((4, 4)) == (128, 128, 128)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_transparent_stays_so(kind: str) -> None:
    half = Pillow.new("RGBA", (16, 16), (200, 90, 30, 128))

    clean = cleaned(encoded(half, kind, lossless=True), TYPES[kind])

    assert opened(clean).getpixel((4, 4)) == (200, 90, 30, 128)


def test_a_lossless_webp_stays_lossless() -> None:
    noise = Pillow.effect_noise((64, 64), 90).convert("RGB")

    clean = cleaned(encoded(noise, "WEBP", lossless=True), "image/webp")

    assert opened(clean).tobytes() == noise.tobytes()


def test_a_phones_file_with_several_pictures_is_its_first() -> None:
    main, depth = two_colours(), Pillow.new("RGB", (64, 32), "white")

    clean = cleaned(encoded(main, "MPO", save_all=True, append_images=[depth]), "image/jpeg")

    picture = opened(clean)
    assert picture.format == "JPEG"
    assert near(picture.getpixel((8, 16)), (220, 30, 30))


@pytest.mark.parametrize(("kind", "says"), [("PNG", "image/jpeg"), ("JPEG", "image/png")])
def test_a_picture_that_lies_about_its_type_is_refused(kind: str, says: str) -> None:
    with pytest.raises(PictureMistyped) as refused:
        cleaned(encoded(two_colours(), kind), says)

    assert (refused.value.declared, refused.value.found) == (says, TYPES[kind])


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"<html>", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7", b"RIFF\0\0\0\0WEBP", b"BM" * 50],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises((PictureKindNotTaken, PictureBroken)):
        cleaned(content, "image/png")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_picture_that_is_cut_short_is_refused(kind: str, share: float) -> None:
    noise = Pillow.effect_noise((200, 200), 90).convert("P" if kind == "GIF" else "RGB")
    whole = encoded(noise, kind)

    with pytest.raises(PictureBroken):
        cleaned(whole[: int(len(whole) * share)], TYPES[kind])


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_a_picture_that_moves_is_refused(kind: str) -> None:
    frames = [Pillow.new("RGB", (16, 16), colour) for colour in ("red", "green", "blue")]
    moving = encoded(frames[0], kind, save_all=True, append_images=frames[1:])

    with pytest.raises(PictureAnimated):
        cleaned(moving, TYPES[kind])


@pytest.mark.parametrize("side", [5_100, 7_200, 20_000])
def test_a_few_bytes_that_unpack_to_gigabytes_are_refused_unpacked(side: int) -> None:
    assert side * side > MOST_PIXELS
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99))

    with pytest.raises(PictureTooManyPixels):
        cleaned(bomb + chunk(b"IEND", b""), "image/png")


def test_a_text_that_unpacks_to_gigabytes_is_refused() -> None:
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * (80 << 20), 9))
    plain = encoded(two_colours(), "PNG")

    with pytest.raises(PictureBroken):
        cleaned(plain[:33] + bomb + plain[33:], "image/png")


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def test_too_many_bytes_are_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "MOST_BYTES", 100)

    with pytest.raises(PictureTooLarge) as refused:
        cleaned(b"\0" * 101, "image/png")

    assert (refused.value.size, refused.value.limit) == (101, 100)
    assert MOST_BYTES == 20 << 20


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_no_single_broken_byte_raises_anything_but_a_refusal(kind: str) -> None:
    noise = Pillow.effect_noise((24, 24), 90).convert("P" if kind == "GIF" else "RGB")
    whole = encoded(noise, kind)
    for at in range(min(len(whole), 400)):
        for change in _CHANGES:
            broken = whole[:at] + bytes([change(whole[at])]) + whole[at + 1 :]
            with suppress(PictureRefused):
                cleaned(broken, TYPES[kind])


_CHANGES: tuple[Callable[[int], int], ...] = (
    lambda byte: byte ^ 0xFF,
    lambda byte: (byte + 1) % 256,
    lambda _: 0,
)
