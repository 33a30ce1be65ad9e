"""Spans of a text: where something begins and ends, and which span encloses which."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple, Protocol


class Placed(Protocol):
    """From and to, in characters."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


class Span(NamedTuple):
    """From and to, in characters."""

    start: int
    end: int


class Spans:
    """Where a text says what is allowed."""

    def __init__(self, found: Iterable[Placed]) -> None:
        spans = sorted({(each.start, each.end) for each in found})
        self._starts = [start for start, _ in spans]
        #: The furthest that any reaches which begins no later.
        self._reach = list(accumulate((end for _, end in spans), max))

    def cover(self, found: Placed) -> bool:
        """Whether all of it is within one of them."""
        return self.reach(found.start) >= found.end

    def reach(self, start: int) -> int:
        """Up to where one of them encloses what begins here; -1: none does."""
        at = bisect_right(self._starts, start) - 1
        return self._reach[at] if at >= 0 else -1

    def blanked(self, text: str) -> str:
        """Without what is allowed; in its place a sign that no pattern means and no word has."""
        parts, done = [], 0
        for start, reach in zip(self._starts, self._reach, strict=True):
            if reach > done:
                parts += [text[done:start], "\ufffc" * (reach - max(start, done))]
                done = reach
        return "".join(parts) + text[done:]
