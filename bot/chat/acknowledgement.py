"""The first answer to an interaction."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import discord

from bot import tally
from bot.chat.audience import of_answer
from bot.chat.calls import CALL_TIMEOUT, NOBODY, UNREACHABLE, count
from bot.errors import StorageError, Unanswered
from bot.language import _, speaking
from bot.wording import NOT_GENERATED, UNEXPECTED, UNRECORDABLE

log = logging.getLogger(__name__)

#: Discord's code for an interaction that has been answered already.
_ANSWERED = 40060
#: discord.py repeats a callback that got no answer, a second or more later. An answer that took
#: this long and says "already answered" was our own first try.
_REPEATED_AFTER = 1.0


class Acknowledgement:
    """The first answer to an interaction: "thinking", or a refusal that only the asker sees.

    Whether a reply is private can never be changed afterwards, so the decision comes first. If it
    takes so long that Discord would give up (3 s), the caller acknowledges first, and a refusal is
    made up for.
    """

    def __init__(
        self,
        interaction: discord.Interaction,
        *,
        private: bool = False,
        began: float | None = None,
    ) -> None:
        """`began`: when it was first looked at (monotonic seconds); None: now."""
        self._began = time.monotonic() if began is None else began
        self._interaction = interaction
        self._private = private
        self._message_id: int | None = None
        self._once = asyncio.Lock()
        self._lost = False

    async def acknowledge(self) -> int:
        """Defer (once) and return the reply's message id. Raises Unanswered."""
        async with self._once:
            if self._message_id is None:
                self._message_id = await self._defer()
                tally.ACKNOWLEDGEMENT.note(time.monotonic() - self._began)
        return self._message_id

    async def _defer(self) -> int:
        """An answer that was lost on its way may have been taken: Discord is asked once."""
        response = None
        began = time.monotonic()
        try:
            if not self._interaction.response.is_done():
                async with asyncio.timeout(CALL_TIMEOUT):
                    response = await self._interaction.response.defer(
                        ephemeral=self._private, thinking=True
                    )
        except discord.HTTPException as error:
            count(error)
            ours = self._lost or time.monotonic() >= began + _REPEATED_AFTER
            if error.code != _ANSWERED or not ours:
                raise Unanswered(str(error)) from error
        except UNREACHABLE as error:
            count(error)
            self._lost = True
            about = {"interaction": self._interaction.id, "reason": type(error).__name__}
            log.info("answer lost", extra=about)
        if response is not None and response.message_id is not None:
            return response.message_id
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                return (await self._interaction.original_response()).id
        except (discord.DiscordException, *UNREACHABLE) as error:
            raise Unanswered(f"{type(error).__name__}: {error}") from error

    async def refuse(
        self, content: str | None, view: discord.ui.View | discord.ui.LayoutView | None = None
    ) -> None:
        """Tell the asker alone, perhaps with a way to go on; a layout has its own words.

        After a deferral: edit, follow up, delete, in that order (deleting first was seen to break
        the follow-up).
        """
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                await self._refuse(content, {} if view is None else {"view": view})
        except (discord.DiscordException, *UNREACHABLE) as error:  # Discord has told the person
            count(error)

    async def whisper(self, content: str) -> None:
        """Tell the asker alone, beside the reply; no harm if it fails."""
        with suppress(discord.DiscordException, *UNREACHABLE):
            async with asyncio.timeout(CALL_TIMEOUT):
                await self._interaction.followup.send(
                    content, ephemeral=True, allowed_mentions=NOBODY
                )

    async def _refuse(self, content: str | None, more: Mapping[str, Any]) -> None:
        more = more if content is None else {"content": content, **more}
        if self._message_id is None:
            await self._interaction.response.send_message(
                ephemeral=True, allowed_mentions=NOBODY, **more
            )
            tally.ACKNOWLEDGEMENT.note(time.monotonic() - self._began)
            return
        with speaking(of_answer(self._interaction, private=self._private)):
            instead = _(NOT_GENERATED)
        await self._interaction.edit_original_response(content=instead)
        await self._interaction.followup.send(ephemeral=True, allowed_mentions=NOBODY, **more)
        await self._interaction.delete_original_response()


async def apologise(interaction: discord.Interaction, error: BaseException) -> None:
    """Say privately that something went wrong; no harm if that fails too."""
    words = _(UNRECORDABLE if isinstance(error, StorageError) else UNEXPECTED)
    with suppress(discord.DiscordException, *UNREACHABLE):
        async with asyncio.timeout(CALL_TIMEOUT):
            if interaction.response.type is discord.InteractionResponseType.message_update:
                # The press has changed a panel, in whose place no plain text can be.
                await interaction.followup.send(words, ephemeral=True)
            elif interaction.response.is_done():
                await interaction.edit_original_response(content=words)
            else:
                await interaction.response.send_message(words, ephemeral=True)
