"""From what was pressed on a page of a channel's settings to a change. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.guild import FALLBACK, MODEL, Change, Holder
from bot.domain.offer import Offer
from bot.language import SPOKEN
from bot.settings import values
from bot.views.pages import ALL, UNSET
from bot.wording import channels as words

MOST_DAYS = 3650


def change(name: str, scope: int, value: str | None) -> Change:
    """Of a channel, or (`scope` 0) of the server."""
    return Change(Holder.CHANNEL if scope else Holder.GUILD, scope, name, value)


def pressed(name: str, value: str, scope: int) -> Change:
    """One of the setting's buttons. Raises ValueError for what it has none of: a forged id."""
    if value == UNSET and name in words.TITLES:
        return change(name, scope, None)
    if value == ALL and name in words.EVERYBODY:
        return change(name, scope, "")
    if value not in words.CHOICES.get(name, ()):
        raise ValueError(name)
    return change(name, scope, value)


def chosen(name: str, found: Sequence[str], scope: int, offer: Offer, guild_id: int) -> Change:
    """What was chosen in the setting's menu. Raises ValueError for what is not in it."""
    if name == "models" or name in (MODEL, FALLBACK):
        known = [each for each in found if offer.named(each) is not None]
    elif name == "language":
        known = [each for each in found if each in SPOKEN]
    else:
        known = [each for each in found if each.isdecimal()]
    many = name in words.EVERYBODY
    if len(known) != len(found) or not known or (len(known) > 1 and not many):
        raise ValueError(name)
    if name == "roles" and str(guild_id) in known:
        return change(name, scope, "")  # the role @everyone
    if name not in (*words.EVERYBODY, MODEL, FALLBACK, "desk", "language"):
        raise ValueError(name)
    return change(name, scope, " ".join(known))


def typed(text: str, scope: int) -> Change:
    """Days that images are kept. Raises Unusable."""
    days = values.whole(0, MOST_DAYS)(text) if text else None
    return change("keep_days", scope, None if days is None else str(days))
