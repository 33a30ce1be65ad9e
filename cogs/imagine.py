"""`/imagine`: parses what was typed and where; everything after that is `bot.panels.asking`'s."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord.ext import commands

from bot.chat.interactions import picture_of
from bot.domain.command import (
    COMMON,
    COUNT,
    IMAGE,
    IMPROVE,
    MODEL,
    PRIVATE,
    PROMPT,
    SEED,
    STYLE,
    fields,
)
from bot.domain.model import Choice
from bot.domain.preferences import OPEN
from bot.gateway.client import ImagineBot
from bot.gateway.slash import slash
from bot.panels.asking import request_from
from bot.record import replace
from bot.request.input import Chosen


class ImagineCog(commands.Cog):
    """Delegates to the service; knows Discord's shapes and nothing else."""

    def __init__(self, bot: ImagineBot) -> None:
        self._bot = bot
        self._asking = bot.asking
        live = {STYLE: self._styles}
        offered = fields(bot.rules.offer.models, improves=bool(bot.rules.prompt_model))
        self._command = slash(offered, self.imagine, live)

    async def cog_load(self) -> None:
        self._bot.tree.add_command(self._command)

    async def cog_unload(self) -> None:
        self._bot.tree.remove_command(self._command.name)

    def _styles(self, interaction: discord.Interaction[ImagineBot]) -> Sequence[Choice]:
        return self._bot.panels.styles.suggested(interaction)

    async def imagine(
        self, interaction: discord.Interaction[ImagineBot], given: Mapping[str, Any]
    ) -> None:
        """`given`: the options that were filled in, by their names."""
        private = given.get(PRIVATE, False)
        request = request_from(interaction, given.get(PROMPT, ""), private=private)
        if IMAGE in given:
            request = replace(request, pictures=(picture_of(given[IMAGE]),))
        left_open, chosen = OPEN - given.keys(), chosen_from(given)
        if given.get(IMPROVE):
            await self._bot.panels.improve.ask(interaction, request, chosen, left_open=left_open)
        else:
            await self._asking.ask(interaction, request, chosen, left_open=left_open)


def chosen_from(given: Mapping[str, Any]) -> Chosen:
    own = {name: value for name, value in given.items() if name not in COMMON}
    style = given.get(STYLE)
    return Chosen(own, given.get(MODEL), given.get(COUNT, 1), given.get(SEED), style=style)


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(ImagineCog(bot))
