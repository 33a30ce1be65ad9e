"""What is on offer in a place: the models, the one that nobody has to choose, the safety floor."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from bot.domain.guild import MODEL, SAFETY, GuildPolicy
from bot.domain.model import Level, Model
from bot.record import Record
from bot.refusals import ModelNotOffered


class Offer(Record):
    """The installation's models, the default one first, and its floor of safety."""

    models: tuple[Model, ...]
    floor: Level = Level.LENIENT

    @property
    def default(self) -> Model:
        return self.models[0]

    def named(self, name: str | None) -> Model | None:
        return next((model for model in self.models if model.name == name), None)

    def among(self, names: AbstractSet[str]) -> tuple[Model, ...]:
        """The models with these names; all of them where nothing is said."""
        return tuple(model for model in self.models if not names or model.name in names)

    def preset(self, name: str, guild: GuildPolicy, place_id: int) -> Model | None:
        """The model of the first setting that names one on offer."""
        found = (self.named(value) for value in guild.preset(name, place_id))
        return next((model for model in found if model is not None), None)

    def model(self, chosen: str | None, guild: GuildPolicy, place_id: int) -> Model:
        """The one that was chosen, else the channel's, the server's, the installation's.

        A setting that names a model which is no longer on offer is as none.
        Raises ModelNotOffered.
        """
        if chosen is None:
            return self.preset(MODEL, guild, place_id) or self.default
        found = self.named(chosen) or self.titled(chosen)
        if found is None:
            raise ModelNotOffered(chosen, tuple(model.title for model in self.models))
        return found

    def floor_in(self, guild: GuildPolicy, place_id: int) -> Level:
        """The strictest of the installation's, the server's and the place's.

        A setting that is not known (a newer version's) is strict.
        """
        known = map(level, guild.preset(SAFETY, place_id))
        return min([self.floor, *(found or Level.STRICT for found in known)])

    def titled(self, title: str) -> Model | None:
        """Who types a model's name instead of choosing it may write its title."""
        wanted = title.strip().casefold()
        return next((each for each in self.models if each.title.casefold() == wanted), None)


def level(name: str | None) -> Level | None:
    """By its name in lower case; None where there is none such."""
    return next((each for each in Level if each.name.lower() == name), None)


def others(models: Sequence[Model], model: Model) -> tuple[Model, ...]:
    return tuple(each for each in models if each is not model)
