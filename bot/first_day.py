"""The first day in a server: three ways to begin, as the changes that each makes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.guild import SAFETY, Change, Holder


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


def changes(preset: Preset, channel_id: int | None, desk_id: int | None) -> list[Change]:
    """What it sets: in one channel only (all others are off), or (None) in the whole server."""
    settings = dict(SETTINGS[preset]) | ({} if desk_id is None else {"desk": str(desk_id)})
    if channel_id is None:
        return [Change(Holder.GUILD, 0, name, value) for name, value in settings.items()]
    here = [Change(Holder.CHANNEL, channel_id, name, value) for name, value in settings.items()]
    return [Change(Holder.GUILD, 0, "mode", "off"), *here]
