"""The models of a server in words: which one, how lenient, which one stands in."""

from __future__ import annotations

from collections.abc import Mapping

from bot.guild import FALLBACK, MODEL, SAFETY, GuildPolicy, Holder
from bot.model import Level
from bot.offer import Offer, level
from bot.text import escaped

HOLDERS = {Holder.GUILD: "For this server …", Holder.CHANNEL: "For a channel …"}
WHICH_CHANNEL = "Which channel?"
LEVELS: Mapping[Level, str] = {
    Level.STRICT: "strict",
    Level.MEDIUM: "medium or stricter",
    Level.LENIENT: "lenient or stricter",
}
NAMES = {
    MODEL: "the model",
    SAFETY: "the safety floor",
    FALLBACK: "the model that stands in",
}
LABELS = {MODEL: "Model", SAFETY: "Safety", FALLBACK: "Stands in"}
NOT_SET = "not set"
#: Lines shown, the server's among them: each has 160 characters at most.
LISTED = 6
_TITLE = 40


def presets(policy: GuildPolicy, offer: Offer) -> str:
    """What holds where nobody chooses, in the server and in its channels."""
    channels = {subject for holder, subject, _ in policy.presets if holder is Holder.CHANNEL}
    lines = [f"**Models** · {_line(policy, offer, 0)}"]
    lines += [f"<#{channel}> · {_line(policy, offer, channel)}" for channel in sorted(channels)]
    if len(lines) > LISTED:
        lines[LISTED:] = [f"… and {len(lines) - LISTED} more channels"]
    count = len(offer.models)
    lines.append(f"-# {count} on offer; a channel's own setting goes before the server's.")
    return "\n".join(lines)


def _line(policy: GuildPolicy, offer: Offer, place_id: int) -> str:
    model = offer.model(None, policy, place_id)
    parts = [escaped(model.title, _TITLE), f"safety {LEVELS[offer.floor_in(policy, place_id)]}"]
    stand_in = offer.preset(FALLBACK, policy, place_id)
    if stand_in is not None and stand_in is not model:
        parts.append(f"{escaped(stand_in.title, _TITLE)} stands in")
    return " · ".join(parts)


def value(name: str, text: str) -> str:
    """A preset's value as people read it."""
    found = level(text)
    return LEVELS[found] if name == SAFETY and found is not None else escaped(text, 60)
