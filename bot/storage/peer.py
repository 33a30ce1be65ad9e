"""This process among those that share a database; alone, where that is a file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Protocol

from bot.domain.generation import Generation
from bot.errors import StorageError
from bot.storage.custody import Custody

#: How often it is looked for what nobody has: a killed process's work goes on within 3 s.
LOOK_SECONDS = 1.0
#: Of the three in which Discord wants an answer.
CLAIM_SECONDS = 1.0


class Role(StrEnum):
    """What a process does: hears people, carries generations, or both."""

    ALL = "all"
    GATEWAY = "gateway"
    WORKER = "worker"

    @property
    def hears(self) -> bool:
        return self is not Role.WORKER

    @property
    def carries(self) -> bool:
        return self is not Role.GATEWAY


class Topic(StrEnum):
    """What a hint to other processes is about."""

    CANCELED = "canceled"  # ids of generations
    WAITING = "waiting"  # there is something to claim
    DESK = "desk"  # an interaction of which something is to be decided
    CHANGED = "changed"  # a server, whose settings, words or styles are other ones now
    WAKE = "wake"  # a generation, of which the provider has news
    LEAVE = "leave"  # a slot, whose successor is ready


class Liveness(Protocol):
    """What `bot.storage.liveness` has."""

    lost: asyncio.Event

    @property
    def is_fresh(self) -> bool: ...
    async def open(self, enter: Callable[[], Awaitable[int]], /) -> None: ...
    async def close(self) -> None: ...
    async def lock(self, kind: int, number: int = 0) -> bool: ...
    async def unlock(self, kind: int, number: int = 0) -> None: ...
    async def holders(self, kind: int) -> dict[int, int]: ...
    def tell(self, text: str) -> None: ...


class Peer:
    """Alone unless it has a `liveness`: then others may carry on what this one cannot."""

    def __init__(self, custody: Custody, role: Role = Role.ALL) -> None:
        self.custody = custody
        self.role = role
        self.liveness: Liveness | None = None
        #: Whether it was let in once: from then on it comes back by itself.
        self.has_begun = False
        #: Whether its successor answers everybody by now.
        self.leaves = False
        self._heard: dict[Topic, Callable[[str], object]] = {}

    @property
    def is_alone(self) -> bool:
        return self.liveness is None

    def on(self, topic: Topic, act: Callable[[str], object]) -> None:
        """What is done when another process hints at it; a new client's replaces the old one's."""
        self._heard[topic] = act

    def tell(self, topic: Topic, about: object = "") -> None:
        """Hint at it; nothing is lost where nobody hears it, only later."""
        if self.liveness is not None:
            self.liveness.tell(f"{topic} {about}")

    def heard(self, text: str) -> None:
        """A hint of another process."""
        topic, _, about = text.partition(" ")
        with suppress(ValueError):  # a newer version's
            if act := self._heard.get(Topic(topic)):
                act(about)

    async def enter(self) -> None:
        """Be a new process. Raises StorageError."""
        if self.liveness is None:
            await self.custody.enter()
        else:
            await self.liveness.open(self.custody.enter)

    async def claim(self) -> list[Generation]:
        """What is nobody's, where this one carries any: it is its own now."""
        return await self.custody.claim() if self.carries else []

    @property
    def carries(self) -> bool:
        """Whether what it claims now is its own: what a dead one claims is still nobody's."""
        return self.role.carries and self.is_heard

    @property
    def is_heard(self) -> bool:
        """Whether nobody can take this process for dead yet: else it buys nothing."""
        return self.liveness is None or self.liveness.is_fresh

    @property
    def is_known(self) -> bool:
        """Whether others can see that it lives."""
        return self.liveness is not None and not self.liveness.lost.is_set()

    async def take(self, rows: Sequence[Generation]) -> list[Generation]:
        """Those of them that nobody has ended, as this process's own: they have no life anywhere.

        Alone, they are: what was decided about goes on from what is known of it here.
        """
        return list(rows) if self.is_alone else await self.custody.take(rows)

    async def answers(self, interaction_id: int, *, now: int) -> bool:
        """Whether this process answers it: while two hear everything, one is silent.

        Where the database does not say so soon, it does: of two answers Discord takes the first,
        and an apology is better than none.
        """
        if self.is_alone or self.leaves:
            return not self.leaves
        try:
            async with asyncio.timeout(CLAIM_SECONDS):
                return await self.custody.answers(interaction_id, now=now)
        except (StorageError, TimeoutError):
            return True
