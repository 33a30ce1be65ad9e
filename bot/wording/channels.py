"""What holds in a channel, in words: each value, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.domain.channel import ChannelPolicy
from bot.domain.guild import FALLBACK, MODEL, SAFETY, GuildPolicy
from bot.domain.offer import Offer
from bot.language import N_, SPOKEN, _
from bot.record import Record
from bot.text import counted, escaped, fitting, listed
from bot.wording import permissions, presets

#: The settings of each page, in their order.
PAGES: Mapping[str, tuple[str, ...]] = {
    "policy": ("mode", "roles", "privacy", "sources", "spoiler", "keep_days"),
    "models": ("models", MODEL, SAFETY, "lenient", FALLBACK),
    "review": ("review", "desk", "rejected_counts", "direct", "mention", "saving", "language"),
}
TITLES: Mapping[str, str] = {
    "mode": N_("Images"),
    "roles": N_("Who may ask"),
    "privacy": N_("Private replies"),
    "sources": N_("Pictures as input"),
    "spoiler": N_("Spoilers"),
    "keep_days": N_("Kept for"),
    "models": N_("Models allowed"),
    MODEL: N_("Model"),
    SAFETY: N_("Safety floor"),
    "lenient": N_("Most lenient level allowed"),
    FALLBACK: N_("Stands in"),
    "review": N_("Review"),
    "desk": N_("Review desk"),
    "rejected_counts": N_("Rejected images"),
    "saving": N_("Saved images"),
    "direct": N_("Direct messages"),
    "mention": N_("Mention"),
    "language": N_("Language"),
}
ABOUT: Mapping[str, str] = {
    "mode": N_("moderated: what cannot be screened is refused"),
    "roles": N_("and members with Manage Server"),
    "privacy": N_("private from members, not from moderators"),
    "sources": N_("own: one's own pictures and the bot's images"),
    "spoiler": N_("images are hidden until clicked"),
    "keep_days": N_("stored images, for /history"),
    "models": N_("the first one is the default"),
    MODEL: N_("used where nobody chooses one"),
    SAFETY: N_("the strictest of channel, server and bot applies"),
    "lenient": N_("if not, only in age-restricted channels"),
    FALLBACK: N_("when the model is not available"),
    "review": N_("a moderator decides before an image is bought, or before it is published"),
    "desk": N_("where moderators decide; members must not read it"),
    "rejected_counts": N_(
        "whether they count for the person who asked; they were paid for either way"
    ),
    "saving": N_("members may keep their public images in /history for everybody, for longer"),
    "direct": N_("when the reply cannot show the image; never while images are reviewed"),
    "mention": N_("after a long wait"),
    "language": N_("of what everybody reads; private replies are in each person's own"),
}
_SWITCH = {"1": N_("yes"), "0": N_("no")}
#: What buttons set, by their labels.
CHOICES: Mapping[str, Mapping[str, str]] = {
    "mode": {"open": N_("open"), "moderated": N_("moderated"), "off": N_("off")},
    "privacy": {"allowed": N_("allowed"), "forbidden": N_("forbidden"), "forced": N_("always")},
    "sources": {"off": N_("none"), "own": N_("own"), "anyone": N_("anyone's")},
    "review": {"off": N_("off"), "prompt": N_("prompt"), "image": N_("image"), "both": N_("both")},
    SAFETY: {"strict": N_("strict"), "medium": N_("medium"), "lenient": N_("lenient")},
    **dict.fromkeys(("spoiler", "lenient", "direct", "mention", "saving"), _SWITCH),
    "rejected_counts": {"1": N_("count"), "0": N_("do not count")},
}
#: What is there where nobody has set anything.
_UNSET: Mapping[str, str] = {
    "mode": N_("open"),
    "privacy": N_("allowed"),
    "sources": N_("own"),
    "spoiler": N_("no"),
    "review": N_("off"),
    "desk": N_("none"),
    "direct": N_("yes"),
    "mention": N_("yes"),
    "language": N_("the server's own in Discord"),
    "rejected_counts": N_("count"),
    "saving": N_("no"),
    "lenient": N_("no"),
    "roles": N_("everybody"),
    "models": N_("all on offer"),
    "keep_days": N_("as long as the operator keeps images"),
    FALLBACK: N_("none"),
}
EVERYBODY = {"roles": N_("Everybody"), "models": N_("All models")}
CLEAR = {True: N_("Server's setting"), False: N_("Not set")}
KEEP, KEEP_ABOUT = N_("Days"), N_("0 to 3650; empty: the server's setting, else the operator's")
ANNOUNCES = N_("-# An announcement channel: no images are made there, whatever is set.")
NO_SUCH_CHANNEL = N_("There is no such channel here.")
CHANGE, WHOLE_SERVER = N_("Change"), N_("The whole server")
OTHER_CHANNEL = N_("Settings of a channel …")
#: What the buttons of the pages say.
PAGE_NAMES: Mapping[str, str] = {
    "overview": N_("Overview"),
    "limits": N_("Limits"),
    "policy": N_("Policy"),
    "models": N_("Models"),
    "review": N_("Review"),
}
_UNKNOWN, _UNREADABLE = N_("unknown"), N_("unknown: the strictest")
#: UTF-16 units of a list of roles or models, of a title, of the list of channels.
_LISTED, _TITLE, _CHANNELS = 400, 40, 600


class Asked(Record):
    """A channel (0: the server itself), and by whose settings and models."""

    policy: GuildPolicy
    offer: Offer
    scope: int

    def own(self, name: str) -> str | None:
        """What the channel, or the server, sets itself."""
        return self.policy.presets.get(self.scope, {}).get(name)


def line(asked: Asked, name: str) -> str:
    """One setting: its value, where that comes from, what it means."""
    about = f"{_source(asked, name)} · {_(ABOUT[name])}"
    return f"**{_(TITLES[name])}** · {shown(asked, name)}\n-# {about}"


def summary(asked: Asked) -> str:
    """All of them, one a line, and the channels that have settings of their own."""
    names = [name for page in PAGES.values() for name in page]
    lines = [
        f"{_(TITLES[name])}: **{shown(asked, name)}** · {_source(asked, name)}" for name in names
    ]
    return "\n".join([*lines, *([] if asked.scope else _channels(asked.policy))])


def value(name: str, text: str) -> str:
    """A value as it stands in the list of changes."""
    if name in (MODEL, SAFETY, FALLBACK):
        return presets.value(name, text)
    if name == "desk":
        return f"<#{text}>"
    if name == "language":
        return SPOKEN.get(text) or _(_UNKNOWN)
    if name == "roles":
        return _listed([f"<@&{role}>" for role in text.split()]) or _(_UNSET[name])
    if name == "models":
        return _listed([escaped(each, _TITLE) for each in text.split()]) or _(_UNSET[name])
    if name == "keep_days":
        if not text.isdecimal():
            return _(_UNKNOWN)
        return counted("{count} day", "{count} days", int(text))
    return _(CHOICES[name].get(text, _UNREADABLE))


def desk(faults: tuple[str, ...]) -> str:
    """Why a channel cannot be the desk."""
    if "channel" in faults:
        return f"{_(NO_SUCH_CHANNEL)} {_('Nothing was changed.')}"
    lacking = [each for each in faults if each != "everyone"]
    if not lacking:
        form = _("That channel cannot be the desk: everybody can read it. Nothing was changed.")
    elif "everyone" not in faults:
        form = _(
            "That channel cannot be the desk: I lack **{permissions}** there. Nothing was changed."
        )
    else:
        form = _(
            "That channel cannot be the desk: I lack **{permissions}** there and everybody can "
            "read it. Nothing was changed."
        )
    return form.format(permissions=permissions.named(lacking))


def shown(asked: Asked, name: str) -> str:
    """The value that holds."""
    policy, offer, scope = asked.policy, asked.offer, asked.scope
    if name in (MODEL, SAFETY, FALLBACK):
        return _of_models(asked, name)
    text = next(policy.preset(name, scope), None)
    if name == "direct" and ChannelPolicy.of(policy, scope).direct is False:
        return _("no")
    if name == "models" and text:
        found = offer.among(frozenset(text.split()))
        titles = [escaped(each.title, _TITLE) for each in found]
        return _listed(titles) or _("none that is on offer")
    return _(_UNSET[name]) if text is None else value(name, text)


def _of_models(asked: Asked, name: str) -> str:
    policy, offer, scope = asked.policy, asked.offer, asked.scope
    if name == SAFETY:
        return _(presets.LEVELS[offer.floor_in(policy, scope)])
    wanted = next(policy.preset(name, scope), None)
    gone = wanted is not None and offer.named(wanted) is None
    note = ""
    if gone:
        note = " " + _("({model} is not on offer)").format(model=escaped(wanted or "", _TITLE))
    if name == FALLBACK:
        found = offer.preset(FALLBACK, policy, scope)
        return (_(_UNSET[name]) if found is None else escaped(found.title, _TITLE)) + note
    allowed = offer.among(ChannelPolicy.of(policy, scope).models)
    if not allowed:
        return _("none")
    return escaped(Offer(allowed).model(None, policy, scope).title, _TITLE) + note


def _source(asked: Asked, name: str) -> str:
    if asked.scope and asked.own(name) is not None:
        return _("this channel")
    own = asked.policy.presets.get(0, {})
    return _("this server") if name in own else _("this bot")


def _listed(parts: list[str]) -> str:
    return listed(parts, fitting(parts, _LISTED, 2))


def _channels(policy: GuildPolicy) -> Iterator[str]:
    found = policy.presets.keys() - {0}
    if not found:
        return
    mentions = [f"<#{channel}>" for channel in sorted(found)]
    count = fitting(mentions, _CHANNELS)
    shown = " ".join(mentions[:count])
    if count < len(mentions):
        shown = counted(
            "{channels} … and {count} more channel",
            "{channels} … and {count} more channels",
            len(mentions) - count,
            channels=shown,
        )
    yield _("-# With settings of their own: {channels}").format(channels=shown)
