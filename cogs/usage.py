"""`/usage`: the caller's own figures, privately."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot import wording
from bot.client import ImagineBot
from bot.imagine import Imagine


class UsageCog(commands.Cog):
    """Reads; the sums are the ledger's and the sentences `bot.wording`'s."""

    def __init__(self, imagine: Imagine) -> None:
        self._imagine = imagine

    @app_commands.command(description="What you made, and what is left today (only you see this)")
    async def usage(self, interaction: discord.Interaction[ImagineBot]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        figures = await self._imagine.figures(interaction.user.id)
        await interaction.edit_original_response(
            content=wording.usage(figures), allowed_mentions=discord.AllowedMentions.none()
        )


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(UsageCog(bot.imagine))
