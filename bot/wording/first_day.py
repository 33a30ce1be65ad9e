"""The first day in a server, in words: what is asked of whoever manages it."""

from __future__ import annotations

from bot.first_day import SETTINGS, Preset
from bot.guild import SAFETY
from bot.wording import channels

TITLE = """\
## Where and how are images made here?
Nobody has said so yet in this server; you manage it. Only you see this, and all of it can be \
changed later with `/settings`."""
WHERE = "**Where?**"
PLACES = {"here": "This channel only", "all": "Everywhere"}
HOW = "**How?**"
PRESETS = {
    Preset.OPEN: "Open",
    Preset.FAMILY: "Family-friendly",
    Preset.REVIEWED: "Reviewed team",
}
_IN_SHORT = {
    Preset.OPEN: "whoever can write here makes images",
    Preset.FAMILY: "the strictest safety, and what cannot be screened is refused",
    Preset.REVIEWED: "a moderator sees every image before anybody else does",
}
DESK = "**Where do moderators decide?** In a text channel that members cannot read."
CHOOSE_DESK = "The moderators' channel"
_WITHOUT_AUTOMOD = """\
This server's own AutoMod is not applied: the bot may not read its rules. To have it, give the bot \
Manage Server and press *Apply AutoMod* in `/settings` → *AutoMod …*.
"""
ALREADY = "This server was set up meanwhile: see `/settings`."
NEEDS_MANAGE_SERVER = "Only members with Manage Server can set this server up."


def preset(which: Preset) -> str:
    """Its name, what it is for, and every value that it sets."""
    values = [
        f"{channels.TITLES[name]}: {_value(name, value)}" for name, value in SETTINGS[which].items()
    ]
    return f"**{PRESETS[which]}** · {_IN_SHORT[which]}\n-# {' · '.join(values)}"


def done(
    which: Preset, channel_id: int | None, desk_id: int | None, *, without_automod: bool = False
) -> str:
    where = "in every channel" if channel_id is None else f"in <#{channel_id}>"
    desk = "" if desk_id is None else f" Moderators decide in <#{desk_id}>."
    automod = _WITHOUT_AUTOMOD if without_automod else ""
    return (
        f"## `/imagine` works now\n**{PRESETS[which]}**, {where}.{desk}\n{automod}"
        "-# `/settings` shows and changes all of it, for the server and for each channel."
    )


def _value(name: str, value: str) -> str:
    return channels.value(name, value) if name != SAFETY else value
