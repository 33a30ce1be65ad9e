"""Sums as people see them: a person's figures, a server's, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.domain.generation import Generation, Usage
from bot.domain.limits import Spent
from bot.record import Hidden, Record


class DailyUsage(Record):
    """One day (in the server's time zone) and what was made in it."""

    day: date
    usage: Usage


class Share(Record):
    """How many images somebody or some model stands for, and what they cost (None: unknown)."""

    name: str
    images: int
    cost_micros: int | None


class Figures(Record):
    """One person's own numbers: in all servers, and what is left of the limits that hold here."""

    today: Usage
    month: Usage
    all_time: Usage
    limits: tuple[Spent, ...]
    recent: tuple[Generation, ...]


class ServerFigures(Record):
    """A server's numbers. `people` are those with most images, of whoever may be named.

    All others are in `others` together: who opted out, who was erased, who made fewer.
    """

    today: Usage
    month: Usage
    limits: tuple[Spent, ...]
    people: Hidden[Mapping[int, Usage]]
    others: Usage
    models: Mapping[str, Usage]
