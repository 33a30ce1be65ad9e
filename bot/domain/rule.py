"""What a server refuses by its words: rules as values, and as the lines in which people write them.

One rule a line: `word: reason`, `/pattern/: reason`, `allow: word: reason`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from bot.record import Hidden, Record

#: Rules of one server, and how many of them may be patterns: each pattern may take 1 MiB of memory.
MOST_RULES, MOST_PATTERNS = 1_000, 100
#: Characters. AutoMod's own are 60 for a keyword and 260 for a pattern:
#: https://discord.com/developers/docs/resources/auto-moderation
LONGEST_WORD, LONGEST_PATTERN, LONGEST_REASON = 100, 260, 200

_ALLOW = "allow"


class Kind(StrEnum):
    """How a rule finds what it is about."""

    WORD = "word"
    PHRASE = "phrase"
    PATTERN = "pattern"
    ALLOW = "allow"  # what it finds is refused by no word


class Rule(Record):
    """One of a server's; `reason` is what people are told whom it refuses ("": none was given).

    Of what is allowed it is a note to those who keep the rules.
    """

    kind: Kind
    text: Hidden[str]
    reason: Hidden[str] = ""

    @property
    def key(self) -> tuple[Kind, str]:
        """What no two rules of a server have in common."""
        return self.kind, self.text

    @classmethod
    def read(cls, line: str) -> Self:
        """The rule that this line says; whether it can be used is another matter."""
        line = line.encode("utf-8", "replace").decode().strip()  # no lone surrogates
        if line.startswith("/"):
            pattern, reason = _pattern(line)
            return cls(Kind.PATTERN, pattern, reason)
        text, _, reason = line.partition(":")
        allows = text.strip().casefold() == _ALLOW and bool(reason.strip())
        if allows:
            text, _, reason = reason.partition(":")
        words = text.split()
        kind = Kind.ALLOW if allows else Kind.PHRASE if len(words) > 1 else Kind.WORD
        return cls(kind, " ".join(words), " ".join(reason.split()))

    @property
    def line(self) -> str:
        """As `read` takes it."""
        match self.kind:
            case Kind.ALLOW:
                head = f"{_ALLOW}: {self.text}"
            case Kind.PATTERN:
                head = f"/{self.text}/"
            case _:
                head = self.text
        return f"{head}: {self.reason}" if self.reason else head


def _pattern(line: str) -> tuple[str, str]:
    """Between the first slash and the last one that ends the line, or stands before a colon."""
    end = len(line)
    while (end := line.rfind("/", 1, end)) > 0:
        rest = line[end + 1 :].lstrip()
        if not rest or rest.startswith(":"):
            return line[1:end], " ".join(rest.removeprefix(":").split())
    return line[1:], ""
