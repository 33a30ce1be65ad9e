"""`/me`: what is stored of the caller, and what they want done with it."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.gateway.client import ImagineBot
from bot.language import N_
from bot.panels.registry import Panels


class MeCog(commands.Cog):
    """Opens the panel; all else is its own."""

    def __init__(self, panels: Panels) -> None:
        self._panels = panels

    @app_commands.command(description=N_("Your data: see, export, delete (only you see this)"))
    async def me(self, interaction: discord.Interaction[ImagineBot]) -> None:
        await self._panels.me.open(interaction)


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(MeCog(bot.panels))
