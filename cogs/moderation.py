"""`/moderation`: what waits for a moderator."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ImagineBot
from bot.desk_panel import DeskPanel


class ModerationCog(commands.Cog):
    """Lists what waits at the review desk; the desk itself checks who may."""

    moderation = app_commands.Group(
        name="moderation",
        description="For this server's moderators",
        default_permissions=discord.Permissions(moderate_members=True),
        guild_only=True,
    )

    def __init__(self, desk: DeskPanel) -> None:
        self._desk = desk

    @moderation.command(description="What waits for a decision (only you see this)")
    async def queue(self, interaction: discord.Interaction[ImagineBot]) -> None:
        await self._desk.queue(interaction)


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(ModerationCog(bot.desk_panel))
