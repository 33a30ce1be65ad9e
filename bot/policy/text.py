"""Text as rules read it: folded to one spelling, in words, each with the ways it may be meant.

Pure, and linear in the text's length. `folded` undoes what only looks different: compatibility
forms, capitals, invisible characters, look-alikes of another script within one word. A `Token` then
has further spellings, for words that were meant to be read and not to be found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from bot.policy.letters import (
    DENSE_GAP,
    GLUE,
    GREEK_OR_CYRILLIC,
    HIRAGANA,
    IGNORABLE,
    LATIN,
    LEET,
    LEET_SYMBOLS,
    LOOKALIKES,
    MARKS,
    STROKES,
    STYLED,
    has_unspaced,
)
from bot.record import Hidden, Record


class Form(StrEnum):
    """Which reading of a text was recognised."""

    WRITTEN = "as it is written"
    UNMARKED = "without its accents"
    STRETCHED = "with repeated letters taken together"
    LEET = "with digits and signs read as letters"
    JOINED = "with separated letters put together"
    PATTERN = "by the pattern"


Spelling = tuple[Form, str]


class Token(NamedTuple):
    """A word: where it stands in the folded text, and its spellings, as written first."""

    start: int
    end: int
    spellings: tuple[Spelling, ...]


class Dense(Record):
    """Text of scripts without spaces: each character with its position in the folded text."""

    text: Hidden[str]
    at: Sequence[int]


class Text:
    """One text, read once for all rules."""

    def __init__(self, raw: str, *, fold: bool = True) -> None:
        """`fold=False`: it is taken as if it had been folded."""
        #: No lone surrogates: they have no UTF-8.
        self.raw = raw.encode("utf-8", "replace").decode()
        self.folded = folded(self.raw) if fold else self.raw

    @cached_property
    def readings(self) -> list[list[Token]]:
        """The text as sequences of words, each sequence by another idea of where words end."""
        shape = self.folded.translate(_SHAPES)
        found = [_tokens(self.folded, shape, symbols=False)]
        if "s" in shape:
            found.append(_tokens(self.folded, shape, symbols=True))
        joined = (_joined(self.folded, shape, tokens) for tokens in list(found))
        return [*found, *(tokens for tokens in joined if tokens is not None)]

    @cached_property
    def dense(self) -> list[Dense]:
        """The text for what is found anywhere: as it is, and with the gaps of CJK text closed."""
        text = self.folded.translate(HIRAGANA)
        found = [Dense(text, range(len(text)))]
        if has_unspaced(text):
            kept = [at for begin, end in _kept(text) for at in range(begin, end)]
            if len(kept) < len(text):
                found.append(Dense("".join(text[at] for at in kept), kept))
        return found


def folded(text: str) -> str:
    """One spelling for what reads alike; another length than `text`, but the same order."""
    if text.isascii():
        return (text if text.isprintable() else text.translate(IGNORABLE)).lower()
    text = unicodedata.normalize("NFKC", text.translate(IGNORABLE)).translate(STYLED)
    # Before, since only the capital may look alike; after, since a mark may fold to a letter, and
    # a capital to a styled one.
    lower = _each_of_one_script(text).casefold()
    text = unicodedata.normalize("NFKC", lower).translate(STYLED)
    return unicodedata.normalize("NFKC", _each_of_one_script(text))


def unmarked(word: str) -> str:
    """Without accents, and other marks that no script needs; strokes and ligatures too."""
    if word.isascii():
        return word
    bare = re.sub(MARKS, "", unicodedata.normalize("NFD", word))
    return unicodedata.normalize("NFC", bare.translate(STROKES))


def words(text: str) -> list[str]:
    """The words of a rule, folded; a sign that may stand for a letter is part of its word."""
    text = folded(text)
    spans = _WORD_WITH_SIGNS.finditer(text.translate(_SHAPES))
    return [text[span.start() : span.end()] for span in spans]


# Marks within: a letter of another script is not hidden by an accent on it.
_WORD_OF_LETTERS = rf"[\w{MARKS[1:-1]}]+"


def _each_of_one_script(text: str) -> str:
    if GREEK_OR_CYRILLIC.search(text) and LATIN.search(text):
        return re.sub(_WORD_OF_LETTERS, _of_one_script, text)
    return text


def _of_one_script(match: re.Match[str]) -> str:
    word = match[0]
    if LATIN.search(word) and GREEK_OR_CYRILLIC.search(word):
        return word.translate(LOOKALIKES)
    return word


class _Shape(dict[int, int]):
    """What a character is: of a word (w), a sign for a letter (s), glue (g), a comma (c), a gap."""

    def __missing__(self, point: int) -> int:
        character = chr(point)
        if character.isalnum() or unicodedata.category(character).startswith("M"):
            shape = "w"
        elif character in LEET_SYMBOLS:
            shape = "s"
        elif character in GLUE:
            shape = "g"
        elif character in ",:;":
            shape = "c"
        else:
            shape = " " if character.isspace() else "x"
        self[point] = ord(shape)
        return self[point]


_SHAPES = _Shape()
_WORD, _WORD_WITH_SIGNS = re.compile("w+"), re.compile("[ws]*w[ws]*")
#: Between single letters, and between pieces of one word.
_SPACED, _GLUED = re.compile("[ gc]{1,4}"), re.compile("g{1,3}")
_PIECES = re.compile("[ws]g{1,3}[ws]")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
_STRETCH = re.compile(r"([^\W\d_])\1{2,}")


def _tokens(text: str, shape: str, *, symbols: bool) -> list[Token]:
    spans = (_WORD_WITH_SIGNS if symbols else _WORD).finditer(shape)
    return [_token(text[m.start() : m.end()], m.start(), m.end()) for m in spans]


def _token(word: str, start: int, end: int, form: Form = Form.WRITTEN) -> Token:
    if _is_plain(word):
        return Token(start, end, ((form, word),))
    return Token(start, end, tuple(_spelled(word, form)))


def _is_plain(word: str) -> bool:
    """Whether it has one spelling: most words do."""
    return word.isascii() and word.isalpha() and not _STRETCH.search(word)


def _spelled(word: str, form: Form) -> Iterator[Spelling]:
    yield form, word
    if _is_plain(word):
        return
    bare = unmarked(word)
    if not bare:
        return  # marks without a letter
    if bare != word:
        yield Form.UNMARKED, bare
    seen = [word, bare]
    for meant in _meant(bare):
        if meant not in seen:
            seen.append(meant)
            yield Form.LEET, meant
    for each in dict.fromkeys(seen):
        if _STRETCH.search(each):
            yield Form.STRETCHED, _STRETCH.sub(r"\1\1", each)
            yield Form.STRETCHED, _STRETCH.sub(r"\1", each)


def _meant(word: str) -> Iterator[str]:
    """Digits and signs as the letters they resemble, where it is a word at all.

    A letter and figures name a road, a telephone, a size of paper; with a sign they are a word.
    """
    letters = sum(map(str.isalpha, word))
    signs = any(symbol in word for symbol in LEET_SYMBOLS)
    if _ORDINAL.fullmatch(word):
        return
    if letters < len(word) and (letters >= 2 or (letters and signs)):
        for table in LEET:
            yield word.translate(table)


def _joined(text: str, shape: str, tokens: Sequence[Token]) -> list[Token] | None:
    """The words with what was pulled apart put together; None: nothing was.

    Single letters with gaps between them, at least three, and pieces of a word around signs.
    """
    singles = [_is_single(token) for token in tokens]
    if not _PIECES.search(shape) and (True, True) not in pairwise(singles):
        return None
    joined: list[Token] = []
    first = 0
    while first < len(tokens):
        last = _run(shape, tokens, first, _GLUED)
        spaced = _run(shape, tokens, first, _SPACED) if singles[first] else first
        if spaced >= first + 2:
            last = max(last, spaced)
        joined.append(_join(text, tokens[first : last + 1]))
        first = last + 1
    return joined if len(joined) < len(tokens) else None


def _run(shape: str, tokens: Sequence[Token], last: int, gap: re.Pattern[str]) -> int:
    """The last of the pieces that belong together: more white space, or none any more, ends it."""
    widest = None
    while last + 1 < len(tokens):
        before, after = tokens[last], tokens[last + 1]
        if gap is _SPACED and not _is_single(after):
            break
        white = shape.count(" ", before.end, after.start)
        if widest is not None and (white > widest or bool(white) != bool(widest)):
            break
        if not gap.fullmatch(shape, before.end, after.start):
            break
        widest = white
        last += 1
    return last


def _is_single(token: Token) -> bool:
    return token.end - token.start == 1 or len(token.spellings[-1][1]) == 1


def _join(text: str, chain: Sequence[Token]) -> Token:
    if len(chain) == 1:
        return chain[0]
    start, end = chain[0].start, chain[-1].end
    word = "".join(text[token.start : token.end] for token in chain)
    token = _token(word, start, end, Form.JOINED)
    if word[0] not in "ai" or len(word) < 4:
        return token
    # "a b a d day": the first letter may be a word of its own.
    return Token(start, end, (*token.spellings, *_spelled(word[1:], Form.JOINED)))


def _kept(text: str) -> Iterator[tuple[int, int]]:
    """Spans without the single spaces and signs that stand between characters of such scripts."""
    begin = 0
    for gap in re.finditer(DENSE_GAP, text):
        yield begin, gap.start()
        begin = gap.end()
    yield begin, len(text)
