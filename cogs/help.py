"""`/help`: what it does, in one screen."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot import wording
from bot.client import ImagineBot


class HelpCog(commands.Cog):
    """Answers from memory."""

    def __init__(self, model: str) -> None:
        self._model = model

    @app_commands.command(description="What Imagine does and how")
    async def help(self, interaction: discord.Interaction[ImagineBot]) -> None:
        await interaction.response.send_message(
            wording.HELP.format(model=self._model), ephemeral=True
        )


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(HelpCog(bot.rules.model))
