"""Models as configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.model import Ability, Choice, Kind, Level, Model, Option, Safeguard


def load(names: Sequence[str], folder: Path | None = None) -> tuple[Model, ...]:
    """Stub until the catalogue lands."""
    return tuple(_imagen(name) for name in names)


def _imagen(name: str) -> Model:
    ratio = tuple(
        map(
            Choice,
            ("1:1", "9:16", "16:9", "3:4", "4:3"),
            ("Square 1:1", "Tall 9:16", "Wide 16:9", "Portrait 3:4", "Landscape 4:3"),
        )
    )
    formats = (Choice("jpg", "JPG (smaller)"), Choice("png", "PNG (lossless)"))
    guard = Safeguard(
        "safety_filter_level",
        "How much the provider's filter blocks",
        (
            Choice("block_low_and_above", "Strict: blocks most"),
            Choice("block_medium_and_above", "Medium"),
            Choice("block_only_high", "Lenient: blocks only the worst"),
        ),
        Level.LENIENT,
    )
    return Model(
        name,
        name.partition("/")[2],
        frozenset({Ability.GENERATE}),
        "prompt",
        (
            Option("aspect_ratio", "aspect_ratio", Kind.STRING, "The shape", ratio, "1:1"),
            Option(
                "output_format", "output_format", Kind.STRING, "The file's format", formats, "jpg"
            ),
        ),
        safeguards=(guard,),
    )
