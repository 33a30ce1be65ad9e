"""Why a style is not used, as values."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.refusals import Refused


@dataclass(eq=False)
class StyleUnknown(Refused):
    """The server has no style of this name; `offered` are the names of those that it has."""

    style: str = field(repr=False)
    offered: tuple[str, ...]


@dataclass(eq=False)
class StyledTooLong(Refused):
    """With its style's words, `added` characters, the prompt has more than `limit`."""

    length: int
    limit: int
    added: int
