"""Why nothing can be reviewed, in words, and who can help."""

from __future__ import annotations

from collections.abc import Mapping

from bot.desk_refusals import DeskTrouble, DeskUnusable

_DESK: Mapping[DeskTrouble, str] = {
    DeskTrouble.UNSET: "this server has no channel for that yet. Its managers can name one in "
    "`/settings`.",
    DeskTrouble.UNKNOWN: "the channel for that is not there, or I can't see it. This server's "
    "managers can name another one in `/settings`.",
    DeskTrouble.OPEN: "the channel for that can be read by everyone. This server's managers have "
    "to hide it from @\u200beveryone first.",
}


def refusal(refused: DeskUnusable) -> str:
    """Why nothing can be reviewed, and who can help."""
    if refused.trouble is DeskTrouble.FORBIDDEN:
        names = ", ".join(name.replace("_", " ").title() for name in refused.names)
        why = f"I lack **{names}** in the channel for that. Ask a server admin to grant it."
    else:
        why = _DESK[refused.trouble]
    return f"Moderators decide about images here, but {why}"
