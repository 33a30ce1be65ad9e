"""`/help`: what it does, in one screen."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import app_commands
from discord.ext import commands

from bot import wording
from bot.gateway.client import ImagineBot
from bot.language import N_, _


class HelpCog(commands.Cog):
    """Answers from memory."""

    def __init__(self, titles: Sequence[str]) -> None:
        """`titles` of the models on offer."""
        self._titles = titles

    @app_commands.command(description=N_("What Imagine does and how"))
    async def help(self, interaction: discord.Interaction[ImagineBot]) -> None:
        words = _(wording.HELP).format(models=wording.models(self._titles))
        await interaction.response.send_message(words, ephemeral=True)


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(HelpCog([model.title for model in bot.rules.offer.models]))
