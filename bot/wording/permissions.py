"""Discord's permissions by the names that its own settings give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.language import N_, _

_NAMES: Mapping[str, str] = {
    "attach_files": N_("Attach Files"),
    "embed_links": N_("Embed Links"),
    "read_message_history": N_("Read Message History"),
    "send_messages": N_("Send Messages"),
    "send_messages_in_threads": N_("Send Messages In Threads"),
    "view_channel": N_("View Channel"),
}


def named(names: Iterable[str]) -> str:
    """These, with commas between."""
    return ", ".join(_(_NAMES[n]) if n in _NAMES else n.replace("_", " ").title() for n in names)
