"""The models of a server in words: which one, how lenient, which one stands in."""

from __future__ import annotations

from collections.abc import Mapping

from bot.guild import FALLBACK, MODEL, SAFETY, GuildPolicy, Holder
from bot.model import Level
from bot.offer import Offer, level
from bot.text import escaped, fitting, plural

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
NOT_ON_OFFER = "(not on offer)"
#: UTF-16 units for the list of channels; for a title, and for a value in the list of changes.
LISTED = 600
_TITLE = 40
_SAFETY = "Of safety the strictest holds."
_VALUE = 24


def presets(policy: GuildPolicy, offer: Offer) -> str:
    """What holds where nobody chooses, in the server and in its channels."""
    channels = {subject for holder, subject, _ in policy.presets if holder is Holder.CHANNEL}
    lines = [f"<#{channel}> · {_line(policy, offer, channel)}" for channel in sorted(channels)]
    shown = fitting(lines, LISTED)
    if shown < len(lines):
        lines[shown:] = [f"… and {plural(len(lines) - shown, 'more channel')}"]
    first = f"**Models** · {_line(policy, offer, 0)}"
    last = f"-# {len(offer.models)} on offer; a channel's own goes before the server's. {_SAFETY}"
    return "\n".join([first, *lines, last])


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
    return LEVELS[found] if name == SAFETY and found is not None else escaped(text, _VALUE)
