"""`/history`: the caller's last images, each a press away from being sent again, privately."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot import wording
from bot.client import ImagineBot
from bot.imagine import Imagine
from bot.language import N_
from bot.views.resend import resend_view


class HistoryCog(commands.Cog):
    """Lists; sending again is the buttons'."""

    def __init__(self, imagine: Imagine) -> None:
        self._imagine = imagine

    @app_commands.command(description=N_("Your last images, to be sent again (only you see this)"))
    async def history(self, interaction: discord.Interaction[ImagineBot]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        images = await self._imagine.history(interaction.user.id)
        await interaction.edit_original_response(
            content=wording.history(images),
            view=resend_view(image.id for image in images),
            allowed_mentions=discord.AllowedMentions.none(),
        )


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(HistoryCog(bot.imagine))
