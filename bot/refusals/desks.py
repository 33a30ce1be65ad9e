"""Why nothing can be reviewed, as a value: decided before anything is reserved or bought."""

from __future__ import annotations

from enum import StrEnum

from bot.refusals import Refused


class DeskTrouble(StrEnum):
    """What is wrong with the channel where moderators decide."""

    UNSET = "unset"
    UNKNOWN = "unknown"  # deleted, hidden from the bot, of another server or no text channel
    FORBIDDEN = "forbidden"  # to the bot
    OPEN = "open"  # to everybody


class DeskUnusable(Refused):
    """A moderator has to decide here, and cannot; `names` are the permissions that are missing."""

    trouble: DeskTrouble
    names: tuple[str, ...] = ()
