"""In which language sentences are: `_` of an English one gives it in the current reader's.

Private answers are in the person's language, public ones in the server's (`speaking`). A sentence
is whole, with named gaps that are filled afterwards: `_("{count} left").format(count=3)`; never
glued together, since other languages have another order. What has no translation is in English.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.language.catalogue import Catalogue

log = logging.getLogger(__name__)

#: Catalogues by Discord's names of locales; all others are English.
#: https://docs.discord.com/developers/reference#locales
LANGUAGES: Mapping[str, str] = {
    "de": "de",
    "es-ES": "es",
    "es-419": "es",
    "fr": "fr",
    "ja": "ja",
}
#: Languages that a server may choose: Discord's locale, and what its speakers call it.
SPOKEN: Mapping[str, str] = {
    "en-US": "English",
    "de": "Deutsch",
    "es-ES": "Español",
    "fr": "Français",
    "ja": "日本語",
}
FOLDER = Path(__file__).parents[1] / "locale"

#: As Discord names it, for instance "de" or "es-419"; "": English.
_locale: ContextVar[str] = ContextVar("locale", default="")


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Within it, and in tasks begun there, sentences are in that locale's language."""
    token = _locale.set(locale)
    try:
        yield
    finally:
        _locale.reset(token)


def speak(locale: str) -> None:
    """From here to the end of this task, sentences are in that locale's language."""
    _locale.set(locale)


def current() -> str:
    return _locale.get()


def N_(sentence: str) -> str:  # noqa: N802 - gettext's name for a sentence that is translated later
    """Mark a constant: `_` is asked for it where it is shown."""
    return sentence


def N_n(one: str, several: str) -> tuple[str, str]:  # noqa: N802 - as above
    """Mark a pair of constants, for `_n(*pair, number)`."""
    return one, several


def _(sentence: str) -> str:
    return translated(sentence, _locale.get()) or sentence


def _n(one: str, several: str, number: int) -> str:
    """The form that goes with that number."""
    spoken = _catalogue(LANGUAGES.get(_locale.get()))
    found = None if spoken is None else spoken.several(one, number)
    return found or (one if number == 1 else several)


def translated(sentence: str, locale: str) -> str | None:
    """None: it is in English there."""
    spoken = _catalogue(LANGUAGES.get(locale))
    return None if spoken is None else spoken.one(sentence)


def fingerprint() -> str:
    """Of all catalogues as they are on disk, without reading what they say."""
    files = sorted(FOLDER.glob("*.po"))
    return hashlib.sha256(b"".join(each.read_bytes() for each in files)).hexdigest()


@cache
def _catalogue(language: str | None) -> Catalogue | None:
    """None: there is none that can be read, so what is said is in English."""
    if language is None:
        return None
    from bot.language.catalogue import Catalogue  # noqa: PLC0415 - English needs none

    try:
        return Catalogue((FOLDER / f"{language}.po").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        log.exception("catalogue not read", extra={"language": language})
        return None
