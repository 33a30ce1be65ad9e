"""Requests that wait in memory until whoever asked says yes: so many, so long, each once. Pure.

A restart costs a second look and nothing else.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, Protocol, TypeVar

from bot.clock import Clock
from bot.domain.generation import Request
from bot.record import State

#: At once, the oldest go first; and for how long: as long as Discord lets the message that shows
#: one be deleted by its token.
MOST = 1_000
PENDING_MS = 14 * 60_000


class Asked(Protocol):
    """Whatever it says besides."""

    @property
    def request(self) -> Request: ...


_T = TypeVar("_T", bound=Asked)


class _Entry(State, Generic[_T]):
    asked: _T
    until: int
    taken: bool = False


class Pending(Generic[_T]):
    """By the interaction that asked, in the order of their times."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: OrderedDict[int, _Entry[_T]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def keep(self, asked: _T) -> None:
        now = self._clock.now()
        self._entries[asked.request.interaction_id] = _Entry(asked, now + PENDING_MS)
        while len(self) > MOST or next(iter(self._entries.values())).until <= now:
            self._entries.popitem(last=False)

    def find(self, id: int, user_id: int) -> _T | None:
        """Not too old, and this person's; also one that is taken."""
        entry = self._entries.get(id)
        if entry is None or self._clock.now() >= entry.until:
            return None
        return entry.asked if entry.asked.request.user_id == user_id else None

    def is_taken(self, id: int) -> bool:
        """Whether somebody has said yes, for the rest of its time."""
        return id in self._entries and self._entries[id].taken

    def take(self, id: int, *, taken: bool = True) -> None:
        """Somebody has said yes; or that came to nothing, and they may again."""
        if id in self._entries:  # it may have been forgotten meanwhile
            self._entries[id].taken = taken

    def drop(self, id: int) -> None:
        self._entries.pop(id, None)

    def forget(self, user_id: int) -> None:
        """Somebody has their data erased."""
        for id, entry in list(self._entries.items()):
            if entry.asked.request.user_id == user_id:
                del self._entries[id]
