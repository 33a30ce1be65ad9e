"""Why the server's own AutoMod keeps a request from being carried out, as values."""

from __future__ import annotations

from enum import StrEnum

from bot.record import Hidden
from bot.refusals import Refused


class Trouble(StrEnum):
    """Why a server's AutoMod rules are not known as they are now."""

    UNREAD = "unread"  # not yet
    PERMISSION = "permission"  # the bot lacks Manage Server
    ERROR = "error"  # Discord did not answer


class AutoModRefused(Refused):
    """The rule of this name does not let it pass; `message` is what its managers say of that."""

    rule: Hidden[str]
    message: Hidden[str] = ""


class AutoModUnread(Refused):
    """The channel is moderated, and nobody knows what the server's AutoMod forbids."""

    trouble: Trouble
