"""`/settings`: the panel of a server's managers."""

from __future__ import annotations

from typing import TypeAlias

import discord
from discord import app_commands
from discord.ext import commands

from bot.gateway.client import ImagineBot
from bot.language import N_
from bot.panels.registry import Panels

Place: TypeAlias = (
    discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.ForumChannel
)


class SettingsCog(commands.Cog):
    """Opens the panel; all else is its own."""

    def __init__(self, panels: Panels) -> None:
        self._panels = panels

    @app_commands.command(
        description=N_("The settings of this server, or of a channel (managers only)")
    )
    @app_commands.describe(channel=N_("Only this channel's settings; threads have their channel's"))
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    async def settings(
        self, interaction: discord.Interaction[ImagineBot], channel: Place | None = None
    ) -> None:
        await self._panels.settings.open(interaction, None if channel is None else channel.id)


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(SettingsCog(bot.panels))
