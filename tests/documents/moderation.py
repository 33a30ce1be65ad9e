"""The tables of docs/moderation.md, from what the code does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.chat.application import asked_of_discord
from bot.domain.channel import ChannelPolicy, Privacy, Review
from bot.domain.first_day import Preset
from bot.domain.generation import Request
from bot.domain.guild import GuildPolicy, Holder, Setting
from bot.domain.offer import Offer
from bot.language import SPOKEN
from bot.policy import Place, access
from bot.refusals.access import ChannelOff
from bot.wording import channels
from bot.wording import first_day as first_words
from tests.documents.pages import table
from tests.models import QUICK

GUILD = 3


@dataclass(frozen=True, slots=True)
class Spot:
    """A kind of place in Discord: whose settings hold in it, and who reads it."""

    name: str
    settings: str
    readers: str
    guild_id: int | None = GUILD
    announces: bool = False
    is_here: bool = True


SPOTS = (
    Spot("text channel", "the channel's", "who reads the channel"),
    Spot("thread", "its channel's", "who reads the channel"),
    Spot("private thread", "its channel's", "who is in the thread, and moderators of threads"),
    Spot("forum post", "the forum's", "who reads the forum"),
    Spot("voice chat", "the voice channel's", "who reads the voice channel"),
    Spot("announcement channel", "none", "–", announces=True),
    Spot("direct message", "none", "–", guild_id=None),
    Spot("foreign server (the bot is no member)", "none", "–", is_here=False),
)
REQUEST = Request(
    interaction_id=1,
    application_id=2,
    guild_id=GUILD,
    channel_id=4,
    user_id=5,
    model="",
    prompt="a fox",
    options={},
    token="",
    token_expires_at=0,
    size_limit=1,
)


def where() -> str:
    """Each kind of place: who may ask, who sees it, how it is delivered."""
    head = ["Where", "Whose settings", "Who may ask", "Who sees it", "Delivered by"]
    head += ["A private reply", "Where images are reviewed"]
    return table(head, (_where(spot) for spot in SPOTS))


def _where(spot: Spot) -> tuple[str, ...]:
    who = _who(spot)
    if who.startswith("nobody"):
        return spot.name, spot.settings, who, *("–",) * 4
    private = access.applied(REQUEST, ChannelPolicy(privacy=Privacy.FORCED))
    guild = GuildPolicy.of(1, [Setting(Holder.GUILD, 0, "review", Review.IMAGE)])
    reviewed = access.applied(REQUEST, ChannelPolicy.of(guild, REQUEST.place_id))
    ways = map(_ways, (REQUEST, private, reviewed))
    return spot.name, spot.settings, who, spot.readers, *ways


def _who(spot: Spot) -> str:
    asked = asked_of_discord()
    if spot.guild_id is None and not asked["allowed_contexts"].dm_channel:
        return "nobody: the commands are there in servers only"
    if not spot.is_here and not asked["allowed_installs"].user:
        return "nobody: the bot is added to servers, not to accounts"
    place = Place(spot.guild_id, frozenset(), announces=spot.announces)
    try:
        access.enter(REQUEST, place, ChannelPolicy(), borrowed=False)
    except ChannelOff:
        return "nobody: always off"
    return "whoever its settings let"


def _ways(request: Request) -> str:
    return " → ".join((*access.ways(request), "`/history`"))


def settings() -> str:
    """Every setting: what it can be, what it is where nobody sets it, what it means."""
    asked = channels.Asked(GuildPolicy(), Offer((QUICK,)), 0)
    rows = []
    for names in channels.PAGES.values():
        for name in names:
            unset = channels.shown(asked, name)
            shown = "the operator's first" if unset == QUICK.title else unset
            values = ", ".join(channels.CHOICES.get(name, {}).values()) or _KINDS[name]
            rows.append((channels.TITLES[name], values, shown, channels.ABOUT[name]))
    return table(("Setting", "Can be", "Where nobody sets it", "Meaning"), rows)


_KINDS: Mapping[str, str] = {
    "roles": "roles, everybody",
    "keep_days": "0 to 3650 days",
    "models": "models on offer, all",
    "model": "a model",
    "fallback": "a model",
    "desk": "a text channel",
    "language": ", ".join(SPOKEN.values()),
}


def presets() -> str:
    """What each preset of the first day sets."""
    rows = ((_first(preset), _second(preset)) for preset in Preset)
    return table(("Preset", "Sets"), rows)


def _first(preset: Preset) -> str:
    return first_words.preset(preset).splitlines()[0]


def _second(preset: Preset) -> str:
    return first_words.preset(preset).splitlines()[1].removeprefix("-# ")
