"""*Apps → Image details* and *Report image*, on a message with images of ours."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.gateway.client import ImagineBot
from bot.panels.registry import Panels
from bot.wording.images import DETAILS_MENU, REPORT_MENU


class ImageCog(commands.Cog):
    """Hands the message over; a cog has no decorator for menus, so it adds its own."""

    def __init__(self, bot: ImagineBot, panels: Panels) -> None:
        self._tree = bot.tree
        self._panels = panels
        self._menus = (
            app_commands.ContextMenu(name=DETAILS_MENU, callback=self._details),
            app_commands.ContextMenu(name=REPORT_MENU, callback=self._report),
        )

    async def cog_load(self) -> None:
        for menu in self._menus:
            self._tree.add_command(menu)

    async def cog_unload(self) -> None:
        for menu in self._menus:
            self._tree.remove_command(menu.name, type=menu.type)

    async def _details(
        self, interaction: discord.Interaction[ImagineBot], message: discord.Message
    ) -> None:
        await self._panels.image.details(interaction, message)

    async def _report(
        self, interaction: discord.Interaction[ImagineBot], message: discord.Message
    ) -> None:
        await self._panels.image.report(interaction, message)


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(ImageCog(bot, bot.panels))
