"""*Apps → Use as input*, on a message with a picture."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.gateway.client import ImagineBot
from bot.panels.registry import Panels
from bot.request.successors import editor
from bot.wording.pictures import TITLE


class PictureCog(commands.Cog):
    """Hands the message over; a cog has no decorator for menus, so it adds its own."""

    def __init__(self, bot: ImagineBot, panels: Panels) -> None:
        self._tree = bot.tree
        self._panels = panels
        self._menu = app_commands.ContextMenu(name=TITLE, callback=self._use)

    async def cog_load(self) -> None:
        self._tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    async def _use(
        self, interaction: discord.Interaction[ImagineBot], message: discord.Message
    ) -> None:
        await self._panels.picture.open(interaction, message)


async def setup(bot: ImagineBot) -> None:
    """Only where a model on offer starts from pictures."""
    if editor(bot.rules.offer.models) is not None:
        await bot.add_cog(PictureCog(bot, bot.panels))
