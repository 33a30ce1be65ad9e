"""`/history`: the caller's images, and those that are saved in the server, privately."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.gateway.client import ImagineBot
from bot.language import N_
from bot.panels.registry import Panels


class HistoryCog(commands.Cog):
    """Opens the panel; all else is the panel's."""

    def __init__(self, panels: Panels) -> None:
        self._panels = panels

    @app_commands.command(description=N_("Your images, and those saved here (only you see this)"))
    async def history(self, interaction: discord.Interaction[ImagineBot]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._panels.history.open(interaction)


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(HistoryCog(bot.panels))
