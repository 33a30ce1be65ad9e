"""How lenient models may be, and other presets, in words."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.guild import FALLBACK, MODEL, SAFETY
from bot.domain.model import Level
from bot.domain.offer import level
from bot.language import N_, _
from bot.text import escaped

LEVELS: Mapping[Level, str] = {
    Level.STRICT: N_("strict"),
    Level.MEDIUM: N_("medium or stricter"),
    Level.LENIENT: N_("lenient or stricter"),
}
NAMES = {
    MODEL: N_("the model"),
    SAFETY: N_("the safety floor"),
    FALLBACK: N_("the model that stands in"),
}
#: UTF-16 units of a value in the list of changes.
_VALUE = 24


def value(name: str, text: str) -> str:
    """A preset's value as people read it."""
    found = level(text)
    return _(LEVELS[found]) if name == SAFETY and found is not None else escaped(text, _VALUE)
