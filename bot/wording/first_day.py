"""The first day in a server, in words: what is asked of whoever manages it."""

from __future__ import annotations

from bot.domain.first_day import SETTINGS, Preset
from bot.language import N_, _
from bot.wording import channels

TITLE = N_("""\
## Where and how are images made here?
Nobody has said so yet in this server; you manage it. Only you see this, and all of it can be \
changed later with `/settings`.""")
WHERE = N_("**Where?**")
PLACES = {"here": N_("This channel only"), "all": N_("Everywhere")}
HOW = N_("**How?**")
PRESETS = {
    Preset.OPEN: N_("Open"),
    Preset.FAMILY: N_("Family-friendly"),
    Preset.REVIEWED: N_("Reviewed team"),
}
_IN_SHORT = {
    Preset.OPEN: N_("whoever can write here makes images"),
    Preset.FAMILY: N_("the strictest safety, and what cannot be screened is refused"),
    Preset.REVIEWED: N_("a moderator sees every image before anybody else does"),
}
DESK = N_("**Where do moderators decide?** In a text channel that members cannot read.")
CHOOSE_DESK = N_("The moderators' channel")
_WITHOUT_AUTOMOD = N_("""\
This server's own AutoMod is not applied: the bot may not read its rules. To have it, give the bot \
Manage Server and press *Apply AutoMod* in `/settings` → *AutoMod …*.
""")
ALREADY = N_("This server was set up meanwhile: see `/settings`.")
NEEDS_MANAGE_SERVER = N_("Only members with Manage Server can set this server up.")


def preset(which: Preset) -> str:
    """Its name, what it is for, and every value that it sets."""
    values = [
        f"{_(channels.TITLES[name])}: {channels.value(name, value)}"
        for name, value in SETTINGS[which].items()
    ]
    return f"**{_(PRESETS[which])}** · {_(_IN_SHORT[which])}\n-# {' · '.join(values)}"


def done(
    which: Preset, channel_id: int | None, desk_id: int | None, *, without_automod: bool = False
) -> str:
    preset = f"**{_(PRESETS[which])}**"
    if channel_id is None:
        where = _("{preset}, in every channel.").format(preset=preset)
    else:
        where = _("{preset}, in {channel}.").format(preset=preset, channel=f"<#{channel_id}>")
    if desk_id is not None:
        where += " " + _("Moderators decide in {channel}.").format(channel=f"<#{desk_id}>")
    automod = _(_WITHOUT_AUTOMOD) if without_automod else ""
    head = _("## `/imagine` works now")
    more = _("-# `/settings` shows and changes all of it, for the server and for each channel.")
    return f"{head}\n{where}\n{automod}{more}"
