"""`/settings`: the panel of a server's managers."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ImagineBot
from bot.guild_panel import GuildPanel


class SettingsCog(commands.Cog):
    """Opens the panel; all else is its own."""

    def __init__(self, panel: GuildPanel) -> None:
        self._panel = panel

    @app_commands.command(description="Limits, pause and time zone of this server (managers only)")
    @app_commands.default_permissions(manage_guild=True)
    async def settings(self, interaction: discord.Interaction[ImagineBot]) -> None:
        await self._panel.open(interaction)


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(SettingsCog(bot.guild_panel))
