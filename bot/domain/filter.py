"""Which images of `/history` somebody looks for. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Self

from bot.record import Hidden, Record, asdict

#: Characters of a part: with its name it fits the value of a menu's option, which has 100.
TEXT_LENGTH, MODEL_LENGTH, DAY_LENGTH = 80, 80, 10
_LONGEST = {"text": TEXT_LENGTH, "model": MODEL_LENGTH}
#: Later than any image.
_NEVER = 2**53


class NoDay(ValueError):
    """What was written is no day like 2026-11-01."""


class Filter(Record):
    """Images with `text` in their prompt and `model` in their model's name, made on these days.

    `first` and `last` are days in UTC, both included, like 2026-11-01; empty: whatever it is.
    """

    text: Hidden[str] = ""
    model: str = ""
    first: str = ""
    last: str = ""

    @classmethod
    def read(cls, said: Mapping[str, str]) -> Self:
        """What a form says, by the parts' names. Raises NoDay."""
        found = {name: " ".join(said.get(name, "").split()) for name in cls.__struct_fields__}
        found |= {name: found[name][:longest].rstrip() for name, longest in _LONGEST.items()}
        return cls(**found | {name: _day(found[name]) for name in ("first", "last")})

    @classmethod
    def of(cls, parts: Mapping[str, str]) -> Self:
        """The opposite of `parts`; what is no part, or none that can be read, is passed over."""
        try:
            return cls.read(parts)
        except NoDay:
            return cls()

    @property
    def parts(self) -> Mapping[str, str]:
        """Those that say something, by their names."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def since(self) -> int:
        """UTC milliseconds; what was made then is included."""
        return _start(self.first, 0) if self.first else 0

    @property
    def until(self) -> int:
        """UTC milliseconds; what was made then is not included."""
        return _start(self.last, 1) if self.last else _NEVER

    def admits(self, prompt: str, model: str) -> bool:
        """Whether the words fit, whatever their case; in time linear in their length."""
        return (not self.text or folded(self.text) in folded(" ".join(prompt.split()))) and (
            not self.model or folded(self.model) in folded(model)
        )


def folded(text: str) -> str:
    """Equal for what readers take for the same letters: ä typed in two ways, ﬁ, ｆｕｌｌ width."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise NoDay(text) from error


def _start(day: str, more: int) -> int:
    """Of the day, or of one so many later; as far as there are any."""
    ordinal = min(date.fromisoformat(day).toordinal() + more, date.max.toordinal())
    start = datetime.fromordinal(ordinal).replace(tzinfo=UTC)
    return max(0, (start - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))
