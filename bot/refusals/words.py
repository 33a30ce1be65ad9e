"""Why a text's words are refused, as values."""

from __future__ import annotations

from bot.record import Hidden
from bot.refusals import Refused


class WordsRefused(Refused):
    """A rule of the server's; `reason` is what its managers say of it ("": nothing)."""

    reason: Hidden[str] = ""


class WordsUnjudged(Refused):
    """The server has rules about words, and they cannot be applied."""


class MinorsRefused(Refused):
    """Sexual content about minors: a rule of this program, that no server can switch off.

    The operator may be `told`.
    """

    told: bool = False
