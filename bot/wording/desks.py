"""Why nothing can be reviewed here, in words, and who can help."""

from __future__ import annotations

from collections.abc import Mapping

from bot.language import N_, _
from bot.refusals.desks import DeskTrouble, DeskUnusable
from bot.wording.permissions import named

_DESK: Mapping[DeskTrouble, str] = {
    DeskTrouble.UNSET: N_(
        "Moderators decide about images here, but this server has no channel for that yet. Its "
        "managers can name one in `/settings`."
    ),
    DeskTrouble.UNKNOWN: N_(
        "Moderators decide about images here, but the channel for that is not there, or I can't "
        "see it. This server's managers can name another one in `/settings`."
    ),
    DeskTrouble.OPEN: N_(
        "Moderators decide about images here, but the channel for that can be read by everyone. "
        "This server's managers have to hide it from @\u200beveryone first."
    ),
}
_FORBIDDEN = N_(
    "Moderators decide about images here, but I lack **{permissions}** in the channel for that. "
    "Ask a server admin to grant it."
)


def refusal(refused: DeskUnusable) -> str:
    """Why nothing can be reviewed, and who can help."""
    if refused.trouble is DeskTrouble.FORBIDDEN:
        return _(_FORBIDDEN).format(permissions=named(refused.names))
    return _(_DESK[refused.trouble])
