"""`make pictures`: the pictures of docs/ that show the playground, taken again in a real Chromium.

docs/pictures/performance.png and polling.png are `make bench`'s and `python -m bench.polling`'s.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"

_TOGETHER = [
    f"together-{what}-{language}-{size}"
    for what in ("buttons", "edit", "history")
    for language in ("en", "ja")
    for size in ("desktop", "phone")
]
TAKEN: Mapping[str, str] = {
    "playground": "desktop",
    "settings": "settings-whole",
    "usage": "usage-whole",
    "me": "me-whole",
    "first-day": "reviewed-team-whole",
    "card": "card-whole",
    "appeal": "appeal-card-whole",
    "history": "history-whole",
    "history-image": "history-image-whole",
    **dict(zip(_TOGETHER, _TOGETHER, strict=True)),
}
"""Each picture of docs/pictures, and what the tests of this folder call it when they save it."""

#: Of the tests that take pictures, those that take these.
_WANTED = "one_image or (whole and not together) or (together and not whole)"


def main(arguments: list[str]) -> int:
    with TemporaryDirectory() as folder:
        os.environ["SCREENSHOTS"] = folder
        tests = sorted(map(str, Path(__file__).parent.glob("test_*pictures.py")))
        if code := pytest.main(["-q", "-k", _WANTED, *tests, *arguments]):
            return code
        for name, saved in TAKEN.items():
            _keep(Path(folder) / f"{saved}-dark.png", PICTURES / f"{name}.png")
    return 0


def _keep(saved: Path, kept: Path) -> None:
    """In 256 colours: half the size, and nothing that one sees."""
    with Image.open(saved) as picture:
        drawn = picture.convert("RGB")
    palette = drawn.quantize(256)
    drawn.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(kept, optimize=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
