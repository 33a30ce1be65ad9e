"""What pressing a button does: who may, and what they are told.

Permission is checked here, on every press: Discord's own settings are only defaults, and custom
ids can be forged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Protocol

import discord

from bot import wording
from bot.chat.acknowledgement import apologise
from bot.chat.calls import CALL_TIMEOUT, UNREACHABLE
from bot.chat.moderator import moderates
from bot.chat.panel import in_time
from bot.chat.uploads import opened
from bot.generation.imagine import Imagine
from bot.language import _
from bot.panels.asking import Asking
from bot.views.actions import Press
from bot.views.panel import submitted

log = logging.getLogger(__name__)


class Panel(Protocol):
    """A private message with buttons, menus and forms of its own; it checks who may."""

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None: ...

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None: ...


class Form(Protocol):
    """What is only submitted."""

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None: ...


class ButtonActions:
    """The client's `actions`."""

    def __init__(
        self,
        imagine: Imagine,
        asking: Asking,
        panels: Mapping[str, Callable[[], Panel]],
        requests: Mapping[str, Callable[[], Form]],
        beginnings: Mapping[tuple[str, str], Callable[[], Panel]],
    ) -> None:
        """`requests`: forms that ask for an image, and so acknowledge by themselves.

        So do `beginnings`, by panel and verb: buttons and forms. What is called for any of them
        may have to be loaded first.
        """
        self._imagine = imagine
        self._asking = asking
        self._panels = panels
        self._requests = requests
        self._beginnings = beginnings

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """Something in a panel, or below an image."""
        beginning = self._beginnings.get((press.panel, press.verb))
        if beginning is not None:
            await _guarded(interaction, beginning().pressed(interaction, press))
        elif press.panel in self._panels:
            work = self._panels[press.panel]().pressed(interaction, press)
            await _guarded(interaction, in_time(interaction, work))

    async def submitted(self, interaction: discord.Interaction) -> None:
        """A form of a panel, one that asks for an image, or one that is none of ours."""
        form = submitted(interaction)
        if form is None:
            return
        press, said = form
        beginning = self._beginnings.get((press.panel, press.verb))
        if beginning is not None:
            await _guarded(interaction, beginning().submitted(interaction, press, said))
        elif press.panel in self._panels:
            work = self._panels[press.panel]().submitted(interaction, press, said)
            await _guarded(interaction, in_time(interaction, work))
        elif press.panel in self._requests:
            asked = self._requests[press.panel]()
            await _guarded(interaction, asked.submitted(interaction, press, said))

    async def cancel(self, interaction: discord.Interaction, generation_id: str) -> None:
        """The requester may, and the moderators of the server where it was asked for, there."""
        generation = await self._imagine.unended(generation_id)
        if generation is None:
            await _whisper(interaction, _(wording.ALREADY_ENDED))
        elif not (
            interaction.user.id == generation.request.user_id
            or (interaction.guild_id == generation.request.guild_id and moderates(interaction))
        ):
            await _whisper(interaction, _(wording.NOT_YOURS))
        else:
            canceled = await self._imagine.cancel(generation_id)
            if not canceled:
                await _whisper(interaction, _(wording.ALREADY_ENDED))
                return
            with suppress(discord.DiscordException, *UNREACHABLE):  # the reply will say it
                async with asyncio.timeout(CALL_TIMEOUT):
                    await interaction.response.defer()

    async def accept(self, interaction: discord.Interaction, quote_id: int) -> None:
        """Whoever was given the quote may."""
        try:
            await self._asking.accept(interaction, quote_id)
        except Exception as error:
            log.exception("quote not accepted", extra={"interaction": interaction.id})
            await apologise(interaction, error)

    async def resend(self, interaction: discord.Interaction, generation_id: str) -> None:
        """The requester may; the images of that request go to them alone."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        generation = await self._imagine.find(generation_id)
        form = None
        if generation is not None and generation.request.user_id == interaction.user.id:
            form = await self._imagine.form(generation, interaction.filesize_limit)
        if form is None:
            await interaction.edit_original_response(content=_(wording.NOT_STORED))
        else:
            with opened(form) as files:
                await interaction.edit_original_response(
                    content=form.content,
                    attachments=files,
                    allowed_mentions=discord.AllowedMentions.none(),
                )


async def _whisper(interaction: discord.Interaction, content: str) -> None:
    await interaction.response.send_message(content, ephemeral=True)


async def _guarded(interaction: discord.Interaction, work: Coroutine[Any, Any, None]) -> None:
    """discord.py only logs what fails here, the person is told as well."""
    try:
        await work
    except Exception as error:
        log.exception("panel failed", extra={"interaction": interaction.id})
        await apologise(interaction, error)
