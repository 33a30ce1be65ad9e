"""What goes wrong and when, all of it from one seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from playground.wire import Point

CREATE = ("provider", "POST", r"/predictions$")
POLL = ("provider", "GET", r"/predictions/")
DOWNLOAD = ("provider", "GET", r"/files/")
EDIT = ("discord", "PATCH", r"/(webhooks|channels)/")
CALLBACK = ("discord", "POST", r"/callback$")

#: Where the servers kill the bot: which call, at which point, and whether it has its effect.
POINTS: dict[str, tuple[tuple[str, str, str], Point, bool]] = {
    "create received, not accepted": (CREATE, Point.RECEIVED, False),
    "create received, accepted after the kill": (CREATE, Point.RECEIVED, True),
    "create accepted, not answered": (CREATE, Point.APPLIED, True),
    "create answered, before our commit": (CREATE, Point.ANSWERED, True),
    "poll answered": (POLL, Point.ANSWERED, True),
    "download asked for": (DOWNLOAD, Point.RECEIVED, True),
    "download half way": (DOWNLOAD, Point.HALFWAY, True),
    "edit received, not applied": (EDIT, Point.RECEIVED, False),
    "edit applied, not answered": (EDIT, Point.APPLIED, True),
    "edit answered": (EDIT, Point.ANSWERED, True),
    "acknowledgement received, not applied": (CALLBACK, Point.RECEIVED, False),
    "acknowledgement applied, not answered": (CALLBACK, Point.APPLIED, True),
    "acknowledgement answered": (CALLBACK, Point.ANSWERED, True),
}
COMMITS = ("before a commit", "after a commit")
RANDOM = "at a random time"

PROVIDER_FAULTS = (
    *("reset", "lost-creates", "lost-answers", "5xx-storm", "429-storm"),
    *("truncated", "flaky-polls", "server-error", "failing", "safety", "late-list"),
)
DISCORD_FAULTS = (
    *("discord-429", "discord-5xx", "discord-429-text"),
    *("discord-reset", "discord-lost-answers", "discord-429-storm", "discord-5xx-storm"),
)
#: How many lives in ten are led under a fault of that half.
TROUBLED = 0.25
#: A life makes two or three commits to start, then about eight for each request.
COMMITS_AT_MOST = 24


@dataclass(frozen=True)
class Death:
    """How one life ends: at which point, at the how-many-th time that it is passed."""

    point: str
    passes: int
    seconds: float
    faults: frozenset[str]

    @property
    def commit(self) -> str:
        """For the bot's own hand: "before:12", or nothing."""
        return f"{self.point.split()[0]}:{self.passes}" if self.point in COMMITS else ""


@dataclass
class Fate:
    """Deaths in the order of one seed: every named point in turn, in ever new order."""

    chance: random.Random
    points: tuple[str, ...] = ()
    _left: list[str] = field(default_factory=list)

    def next(self) -> Death:
        if not self._left:
            self._left = list(self.points) or [*POINTS, *COMMITS, *COMMITS, RANDOM, RANDOM]
            self.chance.shuffle(self._left)
        point = self._left.pop()
        most = COMMITS_AT_MOST if point in COMMITS else 4
        return Death(
            point, self.chance.randint(1, most), self.chance.uniform(0.1, 1.5), self._faults()
        )

    def _faults(self) -> frozenset[str]:
        halves = (PROVIDER_FAULTS, DISCORD_FAULTS)
        return frozenset(
            self.chance.choice(half) for half in halves if self.chance.random() < TROUBLED
        )
