"""What `/me` does: shows what is stored of a person, hands it out, and erases it.

The panel is private, and acts only ever on whoever presses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import discord

from bot.chat.calls import CALL_TIMEOUT, NOBODY, UPLOAD_TIMEOUT
from bot.chat.interactions import is_guest
from bot.chat.panel import update
from bot.generation.retention import Retention
from bot.language import _
from bot.panels.export import Fetch, Part, parts
from bot.pictures.store import ImageStore
from bot.policy import Rules
from bot.storage.people import People
from bot.views.actions import Press
from bot.views.me import confirm_view, me_view, text_view
from bot.wording import privacy as words

#: Of everybody's exports together: each part is in memory, as large as an upload may be.
PARTS_AT_ONCE = 2
#: An interaction's token ends after 15 minutes; no part is begun that might not be sent in time.
EXPORT_SECONDS = 15 * 60 - UPLOAD_TIMEOUT - 30

#: Where the bot is no member an interaction has no more follow-ups than this (40094).
GUEST_PARTS = 5


class MePanel:
    """One private message."""

    def __init__(
        self, people: People, retention: Retention, images: ImageStore, rules: Rules
    ) -> None:
        self._people = people
        self._retention = retention
        self._images = images
        self._rules = rules
        self._packing = asyncio.Semaphore(PARTS_AT_ONCE)

    async def open(self, interaction: discord.Interaction) -> None:
        """Answer with the panel."""
        view = await self._view(interaction.user.id)
        await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=NOBODY)

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        user_id = interaction.user.id
        match press.verb:
            case "list" | "unlist":
                await self._people.set_unlisted(user_id, unlisted=press.verb == "unlist")
                await update(interaction, await self._view(user_id))
            case "open":
                await update(interaction, await self._view(user_id))
            case "delete":
                await update(interaction, confirm_view())
            case "delete-now":
                await self._delete(interaction)
            case "export":
                await self._export(interaction)

    async def submitted(
        self, interaction: discord.Interaction, press: Press, said: Mapping[str, str]
    ) -> None:
        """It has no forms."""

    async def _delete(self, interaction: discord.Interaction) -> None:
        await update(interaction, text_view(_(words.DELETING)))
        gone = await self._retention.erase(interaction.user.id)
        text = _(words.DELETED if gone else words.DELETED_LATER)
        await interaction.edit_original_response(view=text_view(_(text)))

    async def _export(self, interaction: discord.Interaction) -> None:
        """One message a part, as long as the token lives."""
        await interaction.response.send_message(_(words.EXPORTING), ephemeral=True)
        loop = asyncio.get_running_loop()
        until = loop.time() + EXPORT_SECONDS
        stored = await self._people.stored(interaction.user.id)
        packing = parts(stored, self._fetched(loop), interaction.filesize_limit)
        number, left_out, complete = 0, list[str](), False
        most = GUEST_PARTS if is_guest(interaction) else None
        while loop.time() < until and number != most:
            async with self._packing:  # whoever waits has the next turn: one part each
                part = await asyncio.to_thread(next, packing, None)
                if part is None:
                    complete = True
                    break
                number += 1
                left_out += part.left_out
                await self._send(interaction, number, part)
        text = words.export_ended(number, left_out, complete=complete)
        async with asyncio.timeout(CALL_TIMEOUT):
            await interaction.edit_original_response(content=text)

    def _fetched(self, loop: asyncio.AbstractEventLoop) -> Fetch:
        """For the thread that packs: the store belongs to the loop."""
        file = self._images.file
        return lambda name: asyncio.run_coroutine_threadsafe(file(name), loop).result()

    async def _send(self, interaction: discord.Interaction, number: int, part: Part) -> None:
        file = discord.File(part.file, f"imagine-data-{number}.zip")
        async with asyncio.timeout(UPLOAD_TIMEOUT):
            await interaction.followup.send(
                words.exported(number, part.images), file=file, ephemeral=True
            )

    async def _view(self, user_id: int) -> discord.ui.LayoutView:
        keep = self._rules.keep
        stored = words.stored(keep.images, keep.prompts, self._rules.privacy_url)
        return me_view(stored, unlisted=bool(await self._people.unlisted([user_id])))
