"""A floor that no server can switch off: sexual content about minors is never bought.

Words alone are judged, so a text is refused for what it may mean: one word that names a minor and
one that is sexual, anywhere in it. Phrases that hold such a word and mean something else are left
out first. Ages are read by `bot.policy.ages`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto
from functools import cache, partial

from bot.domain.spans import Spans
from bot.policy import minor_terms
from bot.policy.ages import says_below
from bot.policy.lexicon import Lexicon
from bot.policy.text import Text

#: Under so many years somebody is a minor.
OF_AGE = 18
_NEGATIVE = re.compile("negative")


class _About(Enum):
    """What a word says by itself."""

    ALWAYS = auto()
    MINOR = auto()
    SEXUAL = auto()
    INNOCENT = auto()


def refuses(texts: Mapping[str, str]) -> bool:
    """Whether any of one request's free texts, by what they are for, is sexual about minors.

    Together, but for what must not be in the picture: "child" in the prompt and "nude" in a
    negative prompt is how people keep it decent.
    """
    wanted = [text for name, text in texts.items() if not _NEGATIVE.search(name)]
    unwanted = [text for name, text in texts.items() if _NEGATIVE.search(name)]
    return any(map(_refuses, ["\n".join(wanted), *unwanted]))


def _refuses(text: str) -> bool:
    read = Text(text)
    about = {each.value for each in _lexicon(_About.ALWAYS, _About.SEXUAL).found(read)}
    if _About.ALWAYS in about:
        return True
    if _About.SEXUAL not in about:
        return False
    found = list(_lexicon(_About.SEXUAL, _About.MINOR, _About.INNOCENT).found(read))
    innocent = Spans(each for each in found if each.value is _About.INNOCENT)
    about = {each.value for each in found if not innocent.cover(each)}
    if _About.SEXUAL not in about:
        return False
    return _About.MINOR in about or says_below(OF_AGE, read.raw, read.folded)


@cache
def _lexicon(*of: _About) -> Lexicon[_About]:
    """Of these kinds of words; most texts need the shorter one only, and it is read in 5 ms."""
    return Lexicon((term, about) for about in of for term in _TERMS[about]())


def _minors() -> Iterable[str]:
    pupils = list(_terms(minor_terms.PUPILS))
    schools = _terms(minor_terms.SCHOOLS)
    return (*_terms(minor_terms.MINORS), *(f"{s} {pupil}" for s in schools for pupil in pupils))


def _terms(text: str) -> Iterable[str]:
    return filter(None, (" ".join(term.split()) for term in text.split(",")))


_TERMS: Mapping[_About, Callable[[], Iterable[str]]] = {
    _About.ALWAYS: partial(_terms, minor_terms.ALWAYS),
    _About.MINOR: _minors,
    _About.SEXUAL: partial(_terms, minor_terms.SEXUAL),
    _About.INNOCENT: partial(_terms, minor_terms.INNOCENT),
}
