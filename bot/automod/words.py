"""How AutoMod's keywords and patterns are found in a text.

Patterns run in RE2, whose time is linear in the text: none that a server's managers write can hold
up the bot.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import re2

#: From and to, in characters.
Span: TypeAlias = tuple[int, int]

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


@dataclass(frozen=True, slots=True)
class Keyword:
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
        start = text.find(self.core)
        while start >= 0:
            end = start + len(self.core)
            begins = not (self.is_start and start and _is_of_word(text[start - 1]))
            if begins and not (self.is_end and end < len(text) and _is_of_word(text[end])):
                yield start, end
            start = text.find(self.core, start + 1)

    def allowed_in(self, text: str) -> Iterator[Span]:
        """As `found_in`, with the rest of the words that it leaves open."""
        for start, end in self.found_in(text):
            first, last = start, end
            while not self.is_start and first and _is_of_word(text[first - 1]):
                first -= 1
            while not self.is_end and last < len(text) and _is_of_word(text[last]):
                last += 1
            yield first, last


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression; `differs`: RE2 may read it otherwise than Discord does."""

    written: str
    compiled: Any
    differs: bool

    @classmethod
    def of(cls, written: str) -> Pattern | None:
        """None: RE2 does not take it."""
        options = re2.Options()
        options.case_sensitive = False  # as keywords are; stricter, should Discord's not be
        options.log_errors = False
        try:
            compiled = re2.compile(written, options)
        except (re2.error, UnicodeError):
            return None
        return cls(written, compiled, _differs(written))

    def found_in(self, text: str) -> Iterator[Span]:
        """Where it matches; what matches nothing at all is no match."""
        for match in self.compiled.finditer(text):
            start, end = match.span()
            if end > start:
                yield start, end


def is_within(span: Span, spans: Iterable[Span]) -> bool:
    """Whether one of them encloses it."""
    return any(first <= span[0] and span[1] <= last for first, last in spans)


def _differs(written: str) -> bool:
    tokens = (match[0] for match in _TOKENS.finditer(written))
    return any(token in _DIFFERENT or not token.startswith("\\") for token in tokens)


def _small(character: str) -> str:
    options = (character.casefold(), character.lower())
    return next((each for each in options if len(each) == 1), character)


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.combining(character) != 0
