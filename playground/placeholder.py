"""Pictures that stand in for generated ones, and say so."""

from __future__ import annotations

import hashlib
import io
import math
import random

from PIL import Image, ImageDraw, ImageFont, ImageOps

#: Pixels of the longer side.
LONGEST_SIDE = 1024
#: Characters of the prompt that are drawn; more would not be readable.
PROMPT_SHOWN = 320

_FORMATS = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
_MARK = "PLACEHOLDER"
_NOTE = "drawn by the playground, not by a model"


def draw(
    prompt: str,
    aspect_ratio: str,
    output_format: str,
    seed: int = 0,
    *,
    min_bytes: int = 0,
    start: bytes | None = None,
) -> bytes:
    """A picture that depends on `prompt` and `seed`, marked as a placeholder.

    `aspect_ratio` is "width:height" (anything else is drawn square), `output_format` one of jpg,
    png, webp. With `min_bytes` the file has at least that size: a larger picture full of noise,
    as no format can compress noise. With `start` it is that picture, in other colours.
    """
    chance = random.Random(hashlib.sha256(f"{seed}\0{prompt}".encode("utf-8", "replace")).digest())
    width, height = _size(aspect_ratio)
    image_format = _FORMATS.get(output_format, "JPEG")
    if start is None:
        picture = _background(chance, width, height)
        _shapes(picture, chance)
    else:
        picture = _toned(start, chance)
    _label(picture, prompt)
    content = _encode(picture, image_format, quality=90)
    # A noisy pixel takes about 2.5 bytes: start a little above that, and grow until it is enough.
    scale = math.sqrt(min_bytes / (2.4 * picture.width * picture.height))
    while len(content) < min_bytes:
        size = (math.ceil(picture.width * scale), math.ceil(picture.height * scale))
        content = _encode(_noise(picture.resize(size), chance), image_format, quality=100)
        scale *= 1.1
    return content


def _size(aspect_ratio: str) -> tuple[int, int]:
    try:
        wide, high = (int(part) for part in aspect_ratio.split(":"))
        ratio = min(max(wide / high, 0.1), 10.0)
    except (ValueError, ZeroDivisionError):
        ratio = 1.0
    if ratio >= 1:
        return LONGEST_SIDE, round(LONGEST_SIDE / ratio)
    return round(LONGEST_SIDE * ratio), LONGEST_SIDE


def _background(chance: random.Random, width: int, height: int) -> Image.Image:
    """A diagonal gradient between two colours of one mood."""
    hue = chance.randrange(256)
    first = Image.new("HSV", (1, 1), (hue, 150, 235)).convert("RGB").resize((width, height))
    second_hue = (hue + chance.randrange(25, 70)) % 256
    second = Image.new("HSV", (1, 1), (second_hue, 190, 110)).convert("RGB").resize((width, height))
    angle = chance.choice((0, 90, 180, 270))
    ramp = Image.linear_gradient("L").rotate(angle).resize((width, height))
    return Image.composite(first, second, ramp)


def _toned(start: bytes, chance: random.Random) -> Image.Image:
    """The picture that was given, in shades of one colour: one sees where it is from."""
    with Image.open(io.BytesIO(start)) as given:
        grey = ImageOps.contain(given.convert("L"), (LONGEST_SIDE, LONGEST_SIDE))
    dark, light = (f"hsl({chance.randrange(360)}, 70%, {share}%)" for share in (12, 88))
    return ImageOps.colorize(grey, dark, light)


def _shapes(picture: Image.Image, chance: random.Random) -> None:
    """A dozen translucent discs and rings."""
    pen = ImageDraw.Draw(picture, "RGBA")
    for _ in range(12):
        x, y = chance.randrange(picture.width), chance.randrange(picture.height)
        radius = chance.randrange(30, max(picture.size) // 4)
        colour = (*(chance.randrange(90, 256) for _ in range(3)), chance.randrange(25, 80))
        box = (x - radius, y - radius, x + radius, y + radius)
        if chance.random() < 0.7:
            pen.ellipse(box, fill=colour)
        else:
            pen.ellipse(box, outline=colour, width=max(4, radius // 8))


def _label(picture: Image.Image, prompt: str) -> None:
    """The mark on a band at the top; the prompt on one at the bottom."""
    pen = ImageDraw.Draw(picture, "RGBA")
    unit = max(14, min(picture.size) // 22)
    mark, note, words = (ImageFont.load_default(size) for size in (unit * 1.6, unit * 0.7, unit))
    middle = picture.width / 2
    pen.rectangle((0, 0, picture.width, unit * 3.6), fill=(0, 0, 0, 150))
    pen.text((middle, unit * 1.3), _MARK, font=mark, fill="white", anchor="mm")
    pen.text((middle, unit * 2.8), _NOTE, font=note, fill="white", anchor="mm")
    text = _wrap(_drawable(prompt), words, picture.width - 2 * unit)
    _, top, _, bottom = pen.multiline_textbbox((0, 0), text, font=words)
    edge = picture.height - (bottom - top) - 2 * unit
    pen.rectangle((0, edge, picture.width, picture.height), fill=(0, 0, 0, 150))
    pen.multiline_text((unit, edge + unit - top), text, font=words, fill="white")


def _drawable(prompt: str) -> str:
    """`prompt` as one line without what no font can draw (half surrogates, control characters)."""
    whole = prompt.encode("utf-8", "replace").decode("utf-8")
    visible = "".join(char if char.isprintable() else " " for char in whole)
    words = " ".join(visible.split())
    return words if len(words) <= PROMPT_SHOWN else words[: PROMPT_SHOWN - 1] + "…"


def _wrap(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float) -> str:
    """`text` in lines no wider than `width` pixels; scripts without spaces break anywhere."""
    lines = [""]
    for char in text:
        if font.getlength(lines[-1] + char) <= width:
            lines[-1] += char
            continue
        line, space, word = lines[-1].rpartition(" ")
        lines[-1:] = [line, word + char] if space else [lines[-1], char]
    return "\n".join(line.strip() for line in lines)


def _noise(picture: Image.Image, chance: random.Random) -> Image.Image:
    """`picture` under noise that differs in every pixel and colour."""
    grain = Image.frombytes(
        "RGB", picture.size, chance.randbytes(picture.width * picture.height * 3)
    )
    return Image.blend(picture, grain, 0.5)


def _encode(picture: Image.Image, image_format: str, *, quality: int) -> bytes:
    buffer = io.BytesIO()
    if image_format == "PNG":
        picture.save(buffer, image_format, compress_level=1)
    else:
        picture.save(buffer, image_format, quality=quality)
    return buffer.getvalue()
