"""`/moderation`: for a server's moderators."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ImagineBot
from bot.word_panel import WordPanel

#: Of a text to try: more than a prompt may have.
LONGEST = 4_000


class ModerationCog(commands.Cog):
    """Parses, one call; who may is asked there."""

    moderation = app_commands.Group(
        name="moderation",
        description="For moderators of this server",
        default_permissions=discord.Permissions(moderate_members=True),
    )

    def __init__(self, words: WordPanel) -> None:
        self._words = words

    @moderation.command(description="Which rule about words would refuse this text?")
    @app_commands.describe(text="What somebody might ask for; it is not kept")
    async def test(
        self,
        interaction: discord.Interaction[ImagineBot],
        text: app_commands.Range[str, 1, LONGEST],
    ) -> None:
        await self._words.test(interaction, text)


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(ModerationCog(bot.word_panel))
