"""`/usage`: figures, privately."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.gateway.client import ImagineBot
from bot.language import N_, _
from bot.panels.registry import Panels
from bot.wording import usage as words


class UsageCog(commands.Cog):
    """Knows who may ask for what; the sums are the ledger's and the sentences `bot.wording`'s."""

    def __init__(self, panels: Panels) -> None:
        self._panels = panels

    @app_commands.command(description=N_("What you made, and what is left (only you see this)"))
    @app_commands.describe(
        member=N_("Another member's figures in this server (managers only)"),
        server=N_("The whole server's figures (managers only)"),
    )
    async def usage(
        self,
        interaction: discord.Interaction[ImagineBot],
        member: discord.User | None = None,
        server: bool = False,  # noqa: FBT001, FBT002 - Discord's options are named by the person
    ) -> None:
        others = server or member not in (None, interaction.user)
        if member is not None and server:
            await _refuse(interaction, _(words.ONE_AT_A_TIME))
        elif others and not interaction.permissions.manage_guild:
            await _refuse(interaction, _(words.NOBODY_ELSES))
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
            if server:
                await self._panels.usage.server(interaction)
            elif member is not None and others:
                await self._panels.usage.member(interaction, member)
            else:
                await self._panels.usage.person(interaction)


async def _refuse(interaction: discord.Interaction[ImagineBot], sentence: str) -> None:
    await interaction.response.send_message(sentence, ephemeral=True)


async def setup(bot: ImagineBot) -> None:
    await bot.add_cog(UsageCog(bot.panels))
