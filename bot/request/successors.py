"""What may be made of an image that is there, where, and by which model. From memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.domain.channel import ChannelPolicy, Sources
from bot.domain.generation import Request
from bot.domain.model import Ability, Model
from bot.domain.offer import Offer
from bot.domain.origin import Derivation
from bot.storage.settings import GuildSettings

_ABILITIES = {Derivation.UPSCALE: Ability.UPSCALE, Derivation.VARY: Ability.VARY}


class Successors:
    """Which buttons an image has; whoever presses one is asked by all rules all the same."""

    def __init__(self, settings: GuildSettings, offer: Offer) -> None:
        self._settings = settings
        self._offer = offer

    @property
    def offered(self) -> tuple[Model, ...]:
        """By the installation, in any channel."""
        return self._offer.models

    def models(self, guild_id: int | None, place_id: int) -> tuple[Model, ...]:
        """Those that are for this channel, the default one first."""
        channel = ChannelPolicy.of(self._settings.policy(guild_id), place_id)
        return self._offer.among(channel.models)

    def of(self, request: Request) -> list[Derivation]:
        """What can be begun from this request's images, where it was made."""
        channel = ChannelPolicy.of(self._settings.policy(request.guild_id), request.place_id)
        return list(_possible(request, self._offer.among(channel.models), channel))


def _possible(
    request: Request, models: Sequence[Model], channel: ChannelPolicy
) -> Iterator[Derivation]:
    yield Derivation.AGAIN
    if request.prompt_input:
        yield Derivation.EDIT
    if channel.sources is not Sources.OFF:
        starting = (by for by in Derivation if by.takes_image)
        yield from (by for by in starting if model_for(by, models) is not None)


def model_for(by: Derivation, models: Sequence[Model]) -> Model | None:
    """The one of these that makes this of an image."""
    if by is Derivation.CHANGE:
        return editor(models)
    able = (each for each in models if each.pictures and _ABILITIES.get(by) in each.abilities)
    return next(able, None)


def editor(models: Sequence[Model]) -> Model | None:
    """The default where it starts from pictures, else the first that edits, else any."""
    able = [each for each in models if each.pictures and each.prompt is not None]
    able.sort(key=lambda each: (each is not models[0], Ability.EDIT not in each.abilities))
    return able[0] if able else None
