"""Why a style is not used, as values."""

from __future__ import annotations

from bot.record import Hidden
from bot.refusals import Refused


class StyleUnknown(Refused):
    """The server has no style of this name; `offered` are the names of those that it has."""

    style: Hidden[str]
    offered: tuple[str, ...]


class StyledTooLong(Refused):
    """With its style's words, `added` characters, the prompt has more than `limit`."""

    length: int
    limit: int
    added: int
