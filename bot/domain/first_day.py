"""The first day in a server: three ways to begin, as the changes that each makes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.domain.guild import SAFETY, Change, Holder


class Preset(StrEnum):
    """What a server begins with; every value can be changed later."""

    OPEN = "open"
    FAMILY = "family"
    REVIEWED = "reviewed"


SETTINGS: Mapping[Preset, Mapping[str, str]] = {
    Preset.OPEN: {"mode": "open", "sources": "own"},
    Preset.FAMILY: {
        "mode": "moderated",
        SAFETY: "strict",
        "privacy": "forbidden",
        "sources": "own",
        "lenient": "0",
    },
    Preset.REVIEWED: {
        "mode": "moderated",
        "review": "image",
        SAFETY: "medium",
        "sources": "own",
        "direct": "0",
        "lenient": "0",
    },
}


def needs_automod(preset: Preset) -> bool:
    """Whether it refuses what the server's own AutoMod cannot be asked about."""
    return SETTINGS[preset]["mode"] == "moderated"


def changes(
    preset: Preset, channel_id: int | None, desk_id: int | None, *, without_automod: bool = False
) -> list[Change]:
    """What it sets: in one channel only (all others are off), or (None) in the whole server.

    `without_automod`: the server's own AutoMod cannot be read, so it is not to be applied: nobody
    could make an image otherwise.
    """
    settings = dict(SETTINGS[preset]) | ({} if desk_id is None else {"desk": str(desk_id)})
    holder, subject = (Holder.GUILD, 0) if channel_id is None else (Holder.CHANNEL, channel_id)
    found = [Change(holder, subject, name, value) for name, value in settings.items()]
    if without_automod:
        found.insert(0, Change(Holder.GUILD, 0, "automod", "ignored"))
    if channel_id is not None:
        found.insert(0, Change(Holder.GUILD, 0, "mode", "off"))
    return found
