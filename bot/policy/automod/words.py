"""How AutoMod's keywords and patterns are found in a text.

Nothing that a server's managers write can hold up the bot: time is linear in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from bot.domain.spans import Span, Spans
from bot.policy.patterns import PatternRefused, compiled
from bot.record import Record

#: Instructions times characters that a pattern may cost in one text while all that it finds is
#: allowed: about 0.4 s of RE2 at its slowest. Patterns of fifty may find 200 places in 2,000.
MOST_WORK = 20_000_000

#: AutoMod's patterns are of Rust's flavour: these classes and boundaries know all of Unicode there
#: and ASCII in RE2; sets that are intersected or subtracted, classes within classes and the ends of
#: words (`\<`, `\b{start}`) are plain characters to RE2.
_TOKENS = re.compile(r"\\.|&&|--|~~|\[\[(?!:)", re.DOTALL)
_DIFFERENT = frozenset((r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", r"\b", r"\B", r"\<", r"\>"))


def folded(text: str) -> str:
    """Without the difference between capitals and small letters, and exactly as long."""
    whole = text.casefold()
    if len(whole) == len(text):
        return whole
    return "".join(map(_small, text))


class Keyword(Record):
    """`cat`: that word; `cat*`: words that begin so; `*cat`: that end so; `*cat*`: anywhere.

    Discord says "surrounded by whitespace"; here punctuation ends a word too, so that a full stop
    lets nothing through.
    """

    core: str
    is_start: bool
    is_end: bool

    @classmethod
    def of(cls, written: str) -> Keyword | None:
        """None: there is nothing to look for."""
        written = folded(unicodedata.normalize("NFC", written)).strip()
        core = written.strip("*").strip()
        if not core:
            return None
        return cls(core, not written.startswith("*"), not written.endswith("*"))

    def found_in(self, text: str) -> Iterator[Span]:
        """Where it is in a folded text."""
        span = self._next(text, 0)
        while span is not None:
            yield span
            span = self._next(text, span.start + 1)

    def is_outside(self, allowed: Spans, text: str) -> bool:
        """Whether it is in a folded text where that is not allowed."""
        span = self._next(text, 0)
        while span is not None and allowed.cover(span):
            # Whatever ends no later than what encloses this is enclosed, too.
            beyond = allowed.reach(span.start) - len(self.core) + 1
            span = self._next(text, max(span.start + 1, beyond))
        return span is not None

    def _next(self, text: str, at: int) -> Span | None:
        start = text.find(self.core, at)
        while start >= 0:
            end = start + len(self.core)
            begins = not (self.is_start and start and _is_of_word(text[start - 1]))
            if begins and not (self.is_end and end < len(text) and _is_of_word(text[end])):
                return Span(start, end)
            start = text.find(self.core, start + 1)
        return None

    def allowed_in(self, text: str, ends: Ends) -> Iterator[Span]:
        """As `found_in`, with the rest of the words that it leaves open."""
        for start, end in self.found_in(text):
            yield Span(
                start if self.is_start else ends.first[start],
                end if self.is_end else ends.last[end],
            )


class Ends:
    """Of each place in a text: where the word before it began, and the one after it ends."""

    def __init__(self, text: str) -> None:
        size = len(text)
        self.first, self.last = list(range(size + 1)), list(range(size + 1))
        of_word = [_is_of_word(character) for character in text]
        for at in range(size):
            if of_word[at]:
                self.first[at + 1] = self.first[at]
        for at in reversed(range(size)):
            if of_word[at]:
                self.last[at] = self.last[at + 1]


class Pattern(Record):
    """A regular expression; `differs`: RE2 may read it otherwise than Discord does."""

    written: str
    compiled: Any
    differs: bool

    @classmethod
    def of(cls, written: str) -> Pattern | None:
        """None: RE2 does not take it, or it is too costly, or matches everything.

        Without regard to capitals, as keywords; stricter, should Discord's not be.
        """
        try:
            return cls(written, compiled(written), _differs(written))
        except PatternRefused:
            return None

    @property
    def steps(self) -> int:
        """RE2's instructions: what it costs."""
        return int(self.compiled.programsize)

    def found_in(self, text: str) -> Iterator[Span]:
        """Where it matches; what matches nothing at all is no match.

        Each search may cost as much as the whole text does. Where they were too many, all of the
        text counts as found: it was not seen to be allowed.
        """
        left = MOST_WORK
        for match in self.compiled.finditer(text):
            start, end = match.span()
            if end > start:
                yield Span(start, end)
            left -= self.steps * len(text)
            if left < 0:
                yield Span(0, len(text))
                return


def _differs(written: str) -> bool:
    tokens = (match[0] for match in _TOKENS.finditer(written))
    return any(token in _DIFFERENT or not token.startswith("\\") for token in tokens)


def _small(character: str) -> str:
    options = (character.casefold(), character.lower())
    return next((each for each in options if len(each) == 1), character)


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.combining(character) != 0
