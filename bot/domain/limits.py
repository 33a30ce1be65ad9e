"""How much anybody may have: allowances as they are set, limits as they are counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from bot.record import Record, asdict, astuple

#: "No limit", said on purpose, where saying nothing means "whatever else applies". SQL's largest.
UNLIMITED = 2**63 - 1
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


class Scope(StrEnum):
    """Whose images a limit counts."""

    USER = "user"  # a person's, in all servers: set by the operator
    MEMBER = "member"  # a person's, in this server
    CHANNEL = "channel"  # with the threads below it
    GUILD = "guild"
    INSTALLATION = "installation"
    FILTER = "filter"  # a person's that the provider's filter refused, in all servers


class Unit(StrEnum):
    """What is counted."""

    IMAGES = "images"
    MICROS = "micros"
    REFUSALS = "refusals"


class Period(StrEnum):
    """How long a limit's window is."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class Allowance(Record):
    """What somebody, or some place, may have in a calendar day and month.

    Money is in micro-dollars. None: not said, so something else decides.
    """

    day_images: int | None = None
    month_images: int | None = None
    day_micros: int | None = None
    month_micros: int | None = None

    def parts(self) -> Iterator[tuple[Unit, Period, int]]:
        """What is limited: unit, period, and the most."""
        for name, most in asdict(self).items():
            if most is not None and most != UNLIMITED:
                period, _, unit = name.partition("_")
                yield Unit(unit), Period(period), most

    def or_else(self, other: Allowance) -> Allowance:
        """This one, and `other` where it says nothing."""
        mine, theirs = astuple(self), astuple(other)
        return Allowance(*(b if a is None else a for a, b in zip(mine, theirs, strict=True)))


def highest(allowances: Iterable[Allowance]) -> Allowance:
    """For each part the most that any of them gives."""
    columns = zip(*(astuple(each) for each in allowances), strict=True)
    said = [[value for value in column if value is not None] for column in columns]
    return Allowance(*(max(values, default=None) for values in said))


class Limit(Record):
    """At most so much of one unit since a time; both times UTC milliseconds."""

    scope: Scope
    unit: Unit
    period: Period
    most: int
    since: int
    resets_at: int


class Spent(Record):
    """A limit, how much of it counts already, and how much one more image needs."""

    limit: Limit
    used: int
    need: int = 1

    @property
    def left(self) -> int:
        return max(0, self.limit.most - self.used)

    @property
    def percent(self) -> int:
        """100 as soon as there is no room for one more image."""
        return 100 if self.left < self.need else 100 * self.used // self.limit.most
