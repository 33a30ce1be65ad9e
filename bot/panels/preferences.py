"""What the page about preferences does: shows a person's, and changes them.

It is private, and acts only ever on whoever presses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import discord

from bot.chat.panel import update
from bot.domain.model import Choice, Model
from bot.domain.preferences import ASPECT_RATIO, CHOICES, MODEL, NO, OUTPUT_FORMAT, SWITCHES, YES
from bot.policy import Rules
from bot.storage.preferences import Preferences
from bot.views.actions import Press
from bot.views.preferences import UNSET, preferences_view

#: Shapes that mean the same to every model.
_RATIO = re.compile(r"\d+:\d+")


class PreferencePanel:
    """In the place of `/me`."""

    def __init__(self, preferences: Preferences, rules: Rules) -> None:
        self._preferences = preferences
        models = rules.offer.models
        self._offered: Mapping[str, Sequence[Choice]] = {
            MODEL: [Choice(model.name, model.title) for model in models],
            ASPECT_RATIO: [it for it in _taken(models, ASPECT_RATIO) if _is_shape(it)],
            OUTPUT_FORMAT: list(_taken(models, OUTPUT_FORMAT)),
        }

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        user_id, named = interaction.user.id, press.subject.replace("-", "_")
        match press.verb:
            case "choose" if named in CHOICES and press.values:
                await self._choose(user_id, named, press.values[0])
            case "switch":
                name, _, value = named.rpartition("_")
                if name in SWITCHES and value in (YES, NO):
                    await self._preferences.set(user_id, name, value)
        said = await self._preferences.stored(user_id)
        await update(interaction, preferences_view(said, self._offered))

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """It has no forms."""

    async def _choose(self, user_id: int, name: str, value: str) -> None:
        """What is not on offer (any more, or forged) is no choice."""
        if value == UNSET:
            await self._preferences.set(user_id, name, None)
        elif any(str(choice.value) == value for choice in self._offered[name]):
            await self._preferences.set(user_id, name, value)


def _taken(models: Sequence[Model], name: str) -> Iterator[Choice]:
    """What the models' options of this name can be, what most of them take first."""
    options = [option for model in models for option in model.options if option.name == name]
    found = Counter(str(choice.value) for option in options for choice in option.choices)
    for value, _ in found.most_common():
        yield Choice(value, value)


def _is_shape(choice: Choice) -> bool:
    return _RATIO.fullmatch(str(choice.value)) is not None
