"""Why the server's own AutoMod keeps a request from being carried out, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.refusals import Refused


class Trouble(StrEnum):
    """Why a server's AutoMod rules are not known as they are now."""

    UNREAD = "unread"  # not yet
    PERMISSION = "permission"  # the bot lacks Manage Server
    ERROR = "error"  # Discord did not answer


@dataclass(eq=False)
class AutoModRefused(Refused):
    """The rule of this name does not let it pass; `message` is what its managers say of that."""

    rule: str = field(repr=False)
    message: str = field(default="", repr=False)


@dataclass(eq=False)
class AutoModUnread(Refused):
    """The channel is moderated, and nobody knows what the server's AutoMod forbids."""

    trouble: Trouble
