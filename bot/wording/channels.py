"""What holds in a channel, in words: each value, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.channel import ChannelPolicy
from bot.guild import FALLBACK, MODEL, SAFETY, GuildPolicy, Holder
from bot.offer import Offer
from bot.text import escaped, fitting, plural
from bot.wording import presets

#: The settings of each page, in their order.
PAGES: Mapping[str, tuple[str, ...]] = {
    "policy": ("mode", "roles", "privacy", "sources", "spoiler", "keep_days"),
    "models": ("models", MODEL, SAFETY, "lenient", FALLBACK),
    "review": ("review", "desk", "rejected_counts", "direct", "mention", "saving"),
}
TITLES: Mapping[str, str] = {
    "mode": "Images",
    "roles": "Who may ask",
    "privacy": "Private replies",
    "sources": "Pictures as input",
    "spoiler": "Spoilers",
    "keep_days": "Kept for",
    "models": "Models allowed",
    MODEL: "Model",
    SAFETY: "Safety floor",
    "lenient": "Most lenient level",
    FALLBACK: "Stands in",
    "review": "Review",
    "desk": "Review desk",
    "rejected_counts": "Rejected images",
    "saving": "Saved images",
    "direct": "Direct messages",
    "mention": "Mention",
}
ABOUT: Mapping[str, str] = {
    "mode": "moderated: what cannot be screened is refused",
    "roles": "and members with Manage Server",
    "privacy": "private from members, not from moderators",
    "sources": "own: one's own pictures and the bot's images",
    "spoiler": "images are hidden until one clicks",
    "keep_days": "stored images, for /history",
    "models": "the first one is the default",
    MODEL: "where nobody chooses",
    SAFETY: "of channel, server and bot the strictest holds",
    "lenient": "elsewhere only in age-restricted channels",
    FALLBACK: "when the model is not to be had",
    "review": "a moderator decides before buying, before publishing",
    "desk": "where moderators decide; members must not read it",
    "rejected_counts": "whether they count for whoever asked; the payer has paid for them",
    "saving": "members may keep their public images for everybody in /history, beyond their days",
    "direct": "when the reply cannot show the image; never while images are reviewed",
    "mention": "after a long wait",
}
_SWITCH = {"1": "yes", "0": "no"}
#: What buttons set, by their labels.
CHOICES: Mapping[str, Mapping[str, str]] = {
    "mode": {"open": "open", "moderated": "moderated", "off": "off"},
    "privacy": {"allowed": "allowed", "forbidden": "forbidden", "forced": "always"},
    "sources": {"off": "none", "own": "own", "anyone": "anyone's"},
    "review": {"off": "off", "prompt": "prompt", "image": "image", "both": "both"},
    SAFETY: {"strict": "strict", "medium": "medium", "lenient": "lenient"},
    **dict.fromkeys(("spoiler", "lenient", "direct", "mention", "saving"), _SWITCH),
    "rejected_counts": {"1": "count", "0": "do not count"},
}
#: What is there where nobody has set anything.
_UNSET: Mapping[str, str] = {
    "mode": "open",
    "privacy": "allowed",
    "sources": "own",
    "spoiler": "no",
    "review": "off",
    "desk": "none",
    "direct": "yes",
    "mention": "yes",
    "rejected_counts": "count",
    "saving": "no",
    "lenient": "no",
    "roles": "everybody",
    "models": "all on offer",
    "keep_days": "as long as the operator keeps images",
    FALLBACK: "none",
}
NAMES: Mapping[str, str] = {name: title.lower() for name, title in TITLES.items()}
EVERYBODY = {"roles": "Everybody", "models": "All models"}
CLEAR = {True: "As the server", False: "Not set"}
KEEP = ("Days", "0 to 3650; empty: as the server, else as the operator says")
ANNOUNCES = "-# An announcement channel: no images are made there, whatever is set."
NO_SUCH_CHANNEL = "There is no such channel here (any more)."
#: UTF-16 units of a list of roles or models, of a title, of the list of channels.
_LISTED, _TITLE, _CHANNELS = 400, 40, 600


@dataclass(frozen=True, slots=True)
class Asked:
    """A channel (0: the server itself), and by whose settings and models."""

    policy: GuildPolicy
    offer: Offer
    scope: int

    def own(self, name: str) -> str | None:
        """What the channel, or the server, sets itself."""
        holder = Holder.CHANNEL if self.scope else Holder.GUILD
        return self.policy.presets.get((holder, self.scope, name))


def line(asked: Asked, name: str) -> str:
    """One setting: its value, where that comes from, what it means."""
    return f"**{TITLES[name]}** · {shown(asked, name)}\n-# {_source(asked, name)} · {ABOUT[name]}"


def summary(asked: Asked) -> str:
    """All of them, one a line, and the channels that have settings of their own."""
    names = [name for page in PAGES.values() for name in page]
    lines = [f"{TITLES[name]}: **{shown(asked, name)}** · {_source(asked, name)}" for name in names]
    return "\n".join([*lines, *([] if asked.scope else _channels(asked.policy))])


def value(name: str, text: str) -> str:
    """A value as it stands in the list of changes."""
    if name in (MODEL, SAFETY, FALLBACK):
        return presets.value(name, text)
    if name == "desk":
        return f"<#{text}>"
    if name == "roles":
        return _listed([f"<@&{role}>" for role in text.split()]) or _UNSET[name]
    if name == "models":
        return _listed([escaped(each, _TITLE) for each in text.split()]) or _UNSET[name]
    if name == "keep_days":
        return plural(int(text), "day") if text.isdecimal() else "unknown"
    return CHOICES[name].get(text, "unknown: the strictest")


def desk(faults: tuple[str, ...]) -> str:
    """Why a channel cannot be the desk."""
    if "channel" in faults:
        return f"{NO_SUCH_CHANNEL} Nothing was changed."
    lacking = [each.replace("_", " ").title() for each in faults if each != "everyone"]
    what = [f"I lack **{', '.join(lacking)}** there"] if lacking else []
    what += ["everybody can read it"] if "everyone" in faults else []
    return f"That channel cannot be the desk: {' and '.join(what)}. Nothing was changed."


def shown(asked: Asked, name: str) -> str:
    """The value that holds."""
    policy, offer, scope = asked.policy, asked.offer, asked.scope
    if name in (MODEL, SAFETY, FALLBACK):
        return _of_models(asked, name)
    text = next(policy.preset(name, scope), None)
    if name == "direct" and ChannelPolicy.of(policy, scope).direct is False:
        return "no"
    if name == "models" and text:
        found = offer.among(frozenset(text.split()))
        return _listed([escaped(each.title, _TITLE) for each in found]) or "none that is on offer"
    return _UNSET[name] if text is None else value(name, text)


def _of_models(asked: Asked, name: str) -> str:
    policy, offer, scope = asked.policy, asked.offer, asked.scope
    if name == SAFETY:
        return presets.LEVELS[offer.floor_in(policy, scope)]
    wanted = next(policy.preset(name, scope), None)
    gone = wanted is not None and offer.named(wanted) is None
    note = f" ({escaped(wanted or '', _TITLE)} is not on offer)" if gone else ""
    if name == FALLBACK:
        found = offer.preset(FALLBACK, policy, scope)
        return (_UNSET[name] if found is None else escaped(found.title, _TITLE)) + note
    allowed = offer.among(ChannelPolicy.of(policy, scope).models)
    if not allowed:
        return "none"
    return escaped(Offer(allowed).model(None, policy, scope).title, _TITLE) + note


def _source(asked: Asked, name: str) -> str:
    if asked.scope and asked.own(name) is not None:
        return "this channel"
    return "this server" if (Holder.GUILD, 0, name) in asked.policy.presets else "this bot"


def _listed(parts: list[str]) -> str:
    count = fitting(parts, _LISTED, 2)
    more = f" and {len(parts) - count} more" if count < len(parts) else ""
    return ", ".join(parts[:count]) + more


def _channels(policy: GuildPolicy) -> Iterator[str]:
    found = {subject for holder, subject, _ in policy.presets if holder is Holder.CHANNEL}
    if not found:
        return
    mentions = [f"<#{channel}>" for channel in sorted(found)]
    count = fitting(mentions, _CHANNELS)
    more = f" … and {plural(len(mentions) - count, 'more channel')}"
    rest = more if count < len(mentions) else ""
    yield f"-# With settings of their own: {' '.join(mentions[:count])}{rest}"
