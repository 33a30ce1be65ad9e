"""What pressing a button does: who may, and what they are told.

Permission is checked here, on every press: Discord's own settings are only defaults, and custom
ids can be forged.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import discord

from bot import wording
from bot.calls import CALL_TIMEOUT, UNREACHABLE
from bot.delivery import opened
from bot.imagine import Imagine


class ButtonActions:
    """The client's `actions`."""

    def __init__(self, imagine: Imagine) -> None:
        self._imagine = imagine

    async def cancel(self, interaction: discord.Interaction, generation_id: str) -> None:
        """The requester and members with Manage Messages may."""
        generation = await self._imagine.find(generation_id)
        if generation is None or generation.status.ended:
            await _whisper(interaction, wording.ALREADY_ENDED)
        elif not (
            interaction.user.id == generation.request.user_id
            or interaction.permissions.manage_messages
        ):
            await _whisper(interaction, wording.NOT_YOURS)
        else:
            canceled = await self._imagine.cancel(generation_id)
            if not canceled:
                await _whisper(interaction, wording.ALREADY_ENDED)
                return
            with suppress(discord.DiscordException, *UNREACHABLE):  # the reply will say it
                async with asyncio.timeout(CALL_TIMEOUT):
                    await interaction.response.defer()

    async def resend(self, interaction: discord.Interaction, generation_id: str) -> None:
        """The requester may; the image goes to them alone."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        generation = await self._imagine.find(generation_id)
        form = None
        if generation is not None and generation.request.user_id == interaction.user.id:
            form = await self._imagine.form(generation, interaction.filesize_limit)
        if form is None:
            await interaction.edit_original_response(content=wording.NOT_STORED)
        else:
            with opened(form, generation_id) as file:
                await interaction.edit_original_response(
                    content=form.content,
                    attachments=[file],
                    allowed_mentions=discord.AllowedMentions.none(),
                )


async def _whisper(interaction: discord.Interaction, content: str) -> None:
    await interaction.response.send_message(content, ephemeral=True)
