"""Patterns that people wrote, in linear time: RE2, and never an engine that goes back.

All of a server's rules are one `re2.Filter`: it looks for the letters that each pattern cannot do
without, all at once, and tries only patterns whose letters are there. One `re2.Set` of a thousand
patterns was measured at 50 to 120 ms for a text it had not seen, since its automaton is built as it
goes; the filter at 0.3 to 15 ms (`bench/screening.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from bot.errors import ImagineError

if TYPE_CHECKING:
    import re2

#: Bytes that one pattern may take; above, RE2 refuses it, or searches without its automaton.
MEMORY = 1 << 20
#: Instructions of one pattern, and of a server's together. Time is instructions times characters:
#: the worst that was found took 40 ms for a thousand and 2,000 characters. `\p{L}` has 1,200.
MOST_STEPS, MOST_STEPS_IN_ALL = 2_000, 50_000
#: Its letters stand in no text, so that what finds it finds everything: the filter itself fails
#: without a word when it has too little memory.
_SENTINEL = "\uf8f0\uf8f1\uf8f2\uf8f3"

_TOO_COSTLY_IN_ALL = "with the others it is too costly"


class PatternRefused(ImagineError):
    """RE2 does not take the pattern, for this reason in its own words."""

    pattern: str
    message: str


class Patterns:
    r"""Compiled once. Case is ignored; `\w` and `\b` know ASCII only."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Raises PatternRefused for the first that cannot be used."""
        self._filter: re2.Filter | None = None
        if not patterns:
            return
        import re2

        options, together, steps = _options(), re2.Filter(), 0
        for pattern in (*patterns, _SENTINEL):
            steps += check(pattern)
            if steps > MOST_STEPS_IN_ALL:
                raise PatternRefused(pattern, _TOO_COSTLY_IN_ALL)
            together.Add(pattern, options)
        together.Compile()
        if list(together.Match(_SENTINEL) or ()) != [len(patterns)]:
            raise PatternRefused(patterns[-1], _TOO_COSTLY_IN_ALL)
        self._filter = together

    def found(self, text: str) -> Iterator[int]:
        """Which of them match somewhere in the text, in their order.

        `text` in small letters: the filter looks for those.
        """
        if self._filter is not None:
            yield from sorted(self._filter.Match(text) or ())


def check(pattern: str) -> int:
    """How many instructions the pattern has. Raises PatternRefused as `compiled` does."""
    return int(compiled(pattern).programsize)


def compiled(pattern: str) -> Any:
    """The pattern by itself: `finditer` says where it matches, in characters.

    Raises PatternRefused for what RE2 does not take, costs too much, or matches every text. Takes
    up to 30 ms, and RE2 holds the interpreter's lock while it compiles.
    """
    import re2

    try:
        found = re2.compile(pattern, _options())
        empty, steps = found.search(""), int(found.programsize)
    except (re2.error, UnicodeError) as error:
        said = error.args[0] if error.args else ""
        message = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise PatternRefused(pattern, message) from None
    if empty is not None:
        raise PatternRefused(pattern, "it matches even an empty text, and so everything")
    if steps > MOST_STEPS:
        raise PatternRefused(pattern, f"it is too costly ({steps:,} steps of {MOST_STEPS:,})")
    return found


def _options() -> re2.Options:
    import re2

    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    options.case_sensitive = False
    return options
