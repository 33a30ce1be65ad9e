"""What one channel lets people ask for, and what its settings make of a request. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from bot.domain.channel import ChannelPolicy, Mode, Privacy, Sources
from bot.domain.generation import Request
from bot.domain.guild import GuildPolicy
from bot.domain.model import Level
from bot.domain.offer import Offer
from bot.policy import Place, Rules
from bot.record import replace
from bot.refusals import PolicyChanged
from bot.refusals.access import (
    ChannelOff,
    ModelNotAllowed,
    NotSetUp,
    PictureOfAnother,
    PicturesOff,
    PrivateForbidden,
    RoleMissing,
)


def enter(request: Request, place: Place, channel: ChannelPolicy, *, borrowed: bool) -> None:
    """Raise the first `Refused` by which the channel keeps this person from asking this.

    `borrowed`: a picture is of somebody else's message. The request is as `applied` has left it:
    where the settings have changed since so that its reply would be seen, PolicyChanged.
    """
    if place.announces or channel.mode is Mode.OFF:
        raise ChannelOff(announces=place.announces)
    if channel.roles and not channel.roles & place.role_ids and not place.is_manager:
        raise RoleMissing(tuple(sorted(channel.roles)))
    if request.private and not request.publish and channel.privacy is Privacy.FORBIDDEN:
        raise PrivateForbidden
    if (request.publish or not request.private) and channel.privacy is Privacy.FORCED:
        raise PolicyChanged
    if request.pictures and channel.sources is Sources.OFF:
        raise PicturesOff
    if borrowed and (channel.sources is not Sources.ANYONE or place.is_guest):
        raise PictureOfAnother


def set_up(place: Place, guild: GuildPolicy, rules: Rules) -> None:
    """Raise NotSetUp where nobody has said where images are made, and new servers are asked.

    Where the bot is no member nobody could: Discord's own permission for external apps decides.
    """
    asked = rules.asks_new_servers and place.guild_id is not None and not place.is_guest
    if asked and not guild.is_set_up:
        raise NotSetUp


def applied(request: Request, channel: ChannelPolicy) -> Request:
    """The request as it is answered there, whoever asks."""
    return replace(
        request,
        private=request.private or channel.privacy is Privacy.FORCED,
        spoiler=request.spoiler or channel.spoiler,
        direct=channel.direct,
        mention=channel.mention,
        guild_locale=channel.language or request.guild_locale,
    )


class Way(StrEnum):
    """By which an image reaches whoever asked, as far as Discord still takes it."""

    REPLY = "reply"  # by its token
    CHANNEL = "channel"  # the same message by the bot's own token, else a new one
    DIRECT = "direct message"


def ways(request: Request) -> Iterator[Way]:
    """One after the other, private ones never in the channel; else it is kept for `/history`.

    Where the bot is no member its own token opens no channel.
    """
    yield Way.REPLY
    if not (request.private or request.guest):
        yield Way.CHANNEL
    if request.direct:
        yield Way.DIRECT


def offered(offer: Offer, chosen: str | None, channel: ChannelPolicy) -> Offer:
    """The models that are for this channel, in their order: the first is the default one.

    Raises ModelNotAllowed where the one that was chosen (by name or title) is on offer elsewhere
    only, or where none is left.
    """
    allowed = offer.among(channel.models)
    titles = tuple(model.title for model in allowed)
    other = None if chosen is None else offer.named(chosen) or offer.titled(chosen)
    if not allowed or (other is not None and other not in allowed):
        raise ModelNotAllowed("" if other is None else other.title, titles)
    return replace(offer, models=allowed)


def most_lenient(place: Place, channel: ChannelPolicy) -> Level:
    """What a person may choose, floors apart: the most lenient level is for adults."""
    return Level.LENIENT if place.is_age_restricted or channel.lenient else Level.MEDIUM
