"""Who may not ask for images, for how long, and whom one may do that to. Pure."""

from __future__ import annotations

import re
from enum import IntEnum, StrEnum

from bot.domain.limits import DAY_MS
from bot.record import Hidden, Record
from bot.refusals import Refused

#: The longest block with an end, in days: ten years. Longer ones have none.
MOST_DAYS = 3_650
_UNITS = {"m": 60_000, "min": 60_000, "h": 3_600_000, "d": DAY_MS, "w": 7 * DAY_MS}
_DURATION = re.compile(rf"([0-9]{{1,6}})\s*({'|'.join(_UNITS)})", re.IGNORECASE)


class Blocked(Refused):
    """Whoever moderates the server, or runs the bot (`everywhere`), has blocked the person.

    Until a time (UTC milliseconds), or None: until it is taken back. `reason` is what they wrote.
    """

    everywhere: bool
    until: int | None
    reason: Hidden[str]


class Rank(IntEnum):
    """What a person is in a server."""

    MEMBER = 0
    MODERATOR = 1  # Moderate Members or Manage Messages
    MANAGER = 2  # Manage Server


class Spared(StrEnum):
    """Why nothing is done to somebody."""

    SELF = "self"
    BOT = "bot"
    MANAGER = "manager"
    MODERATOR = "moderator"


class Person(Record):
    """Somebody in a server, as far as it matters to who may do what to whom."""

    id: int
    rank: Rank


def spared(actor: Person, subject: Person, bot_id: int) -> Spared | None:
    """Why the one may not block or warn the other; None: they may.

    Nobody themselves, the bot, or a manager; and no moderator another one.
    """
    if subject.id == actor.id:
        return Spared.SELF
    if subject.id == bot_id:
        return Spared.BOT
    if subject.rank is Rank.MANAGER:
        return Spared.MANAGER
    if subject.rank is Rank.MODERATOR and actor.rank < Rank.MANAGER:
        return Spared.MODERATOR
    return None


def duration_ms(text: str) -> int | None:
    """`30m`, `12h`, `3d` or `2w` in milliseconds; None for no text.

    Raises ValueError for anything else, for nothing, and for more than MOST_DAYS.
    """
    if not text.strip():
        return None
    found = _DURATION.fullmatch(text.strip())
    length = int(found[1]) * _UNITS[found[2].lower()] if found else 0
    if not 0 < length <= MOST_DAYS * DAY_MS:
        raise ValueError(text)
    return length
