"""*Apps → Use as input*, on a message with a picture."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ImagineBot
from bot.picture_form import PictureForm
from bot.wording.pictures import TITLE


class PictureCog(commands.Cog):
    """Hands the message over; a cog has no decorator for menus, so it adds its own."""

    def __init__(self, bot: ImagineBot, asking: PictureForm) -> None:
        self._tree = bot.tree
        self._asking = asking
        self._menu = app_commands.ContextMenu(name=TITLE, callback=self._use)

    async def cog_load(self) -> None:
        self._tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    async def _use(
        self, interaction: discord.Interaction[ImagineBot], message: discord.Message
    ) -> None:
        await self._asking.open(interaction, message)


async def setup(bot: ImagineBot) -> None:
    """Only where a model on offer starts from pictures."""
    if bot.picture_form.model is not None:
        await bot.add_cog(PictureCog(bot, bot.picture_form))
