"""In which language sentences are: `_` of an English one gives it in the current reader's.

Private answers are in the person's language, public ones in the server's (`speaking`). A sentence
is whole, with named gaps that are filled afterwards: `_("{count} left").format(count=3)`; never
glued together, since other languages have another order.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

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


def current() -> str:
    return _locale.get()


def N_(sentence: str) -> str:  # noqa: N802 - gettext's name for a sentence that is translated later
    """Mark a constant: `_` is asked for it where it is shown."""
    return sentence


def _(sentence: str) -> str:
    return sentence


def _n(one: str, several: str, number: int) -> str:
    """The form that goes with that number."""
    return one if number == 1 else several
