"""Replies in Discord: one message from "thinking" to the image, whoever's token still works."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Coroutine
from enum import StrEnum
from typing import Any

import aiohttp
import discord

from bot.clock import Clock
from bot.domain import Generation, Image
from bot.errors import Unanswered
from bot.views.cancel import cancel_view
from bot.wording import NOT_GENERATED

log = logging.getLogger(__name__)

#: Edits of one interaction's reply are rate-limited at about 5 per 2 s and share hidden limits;
#: one every 3 s keeps far away from both.
EDIT_INTERVAL_MS = 3_000
#: discord.py's own timeout is 300 s; a small edit that takes longer than this is better dropped.
EDIT_TIMEOUT = 10.0
#: Ten MiB over a slow line.
UPLOAD_TIMEOUT = 90.0
NOBODY = discord.AllowedMentions.none()

#: The message is not there any more: somebody removed it, or its channel.
_GONE = frozenset({10003, 10008})


class Delivery(StrEnum):
    """What became of a last message."""

    SENT = "sent"
    GONE = "gone"  # removed by somebody: it does not come back
    REFUSED = "refused"  # Discord will not take it by any way we have
    LATER = "later"  # Discord is unwell: try again


class Reply:
    """One generation's message. Progress is throttled and may be dropped; the end is not."""

    def __init__(self, client: discord.Client, generation: Generation, clock: Clock) -> None:
        self._client = client
        self._generation = generation
        self._clock = clock
        self._wanted: tuple[str, str | None] | None = None
        self._shown: tuple[str, str | None] | None = None
        self._edited_at = 0
        self._edit: asyncio.Task[None] | None = None
        self._last = asyncio.Event()

    def show(self, content: str, button: str | None) -> None:
        """Bring the message up to this, now or as soon as the last edit is long enough ago.

        Only the newest state is shown: what came between is dropped, not queued.
        """
        self._wanted = (content, button)
        if self._wanted != self._shown and (self._edit is None or self._edit.done()):
            self._edit = asyncio.create_task(self._catch_up(), name="progress")

    async def _catch_up(self) -> None:
        while self._wanted is not None and self._wanted != self._shown:
            early = self._edited_at + EDIT_INTERVAL_MS - self._clock.now()
            if early > 0:
                await self._clock.wait(self._last, early / 1000)
            if self._last.is_set():
                return
            self._shown, self._edited_at = self._wanted, self._clock.now()
            content, button = self._shown
            view = cancel_view(self._generation.id, button) if button else None
            await self._by_token(EDIT_TIMEOUT, content=content, view=view)

    def stop(self) -> None:
        """Make no more edits of progress."""
        if self._edit is not None:
            self._edit.cancel()

    async def finish(self, content: str, image: Image | None = None, alt: str = "") -> Delivery:
        """Replace the message by its last form: by the reply's token, else by the bot's own."""
        self._last.set()
        if self._edit is not None:
            await self._edit  # an edit under way must not come after this one
        outcome = Delivery.REFUSED
        for rung in (self._by_token, self._by_bot):
            # A File is spent by each attempt, so every rung gets its own.
            files = [] if image is None else [self._file(image, alt)]
            outcome = await rung(UPLOAD_TIMEOUT, content=content, view=None, attachments=files)
            if outcome is not Delivery.REFUSED:
                break
        return outcome

    def _file(self, image: Image, alt: str) -> discord.File:
        name = f"imagine-{self._generation.id}.{image.extension}"
        return discord.File(io.BytesIO(image.data), filename=name, description=alt)

    async def _by_token(self, timeout: float, **message: Any) -> Delivery:
        request, message_id = self._generation.request, self._generation.message_id
        if message_id is None or not request.token or self._clock.now() >= request.token_expires_at:
            return Delivery.REFUSED
        webhook = discord.Webhook.partial(
            request.application_id, request.token, client=self._client
        )
        call = webhook.edit_message(message_id, allowed_mentions=NOBODY, **message)
        return await _outcome(call, timeout, self._generation.id)

    async def _by_bot(self, timeout: float, **message: Any) -> Delivery:
        request, message_id = self._generation.request, self._generation.message_id
        if message_id is None or request.private:
            return Delivery.REFUSED
        channel = self._client.get_partial_messageable(
            request.channel_id, guild_id=request.guild_id
        )
        call = channel.get_partial_message(message_id).edit(allowed_mentions=NOBODY, **message)
        return await _outcome(call, timeout, self._generation.id)


async def _outcome(
    call: Coroutine[Any, Any, object], timeout: float, generation_id: str
) -> Delivery:
    """Await one call to Discord, bounded, and say what it means for the message."""
    try:
        async with asyncio.timeout(timeout):
            await call
    except discord.HTTPException as error:
        log.info(
            "edit refused",
            extra={"generation": generation_id, "status": error.status, "code": error.code},
        )
        if error.code in _GONE:
            return Delivery.GONE
        return Delivery.LATER if error.status == 429 or error.status >= 500 else Delivery.REFUSED
    except (TimeoutError, aiohttp.ClientError, OSError, TypeError) as error:
        # TypeError: discord.py's answer to a 429 whose body is text.
        log.info("edit failed", extra={"generation": generation_id, "reason": type(error).__name__})
        return Delivery.LATER
    return Delivery.SENT


class Acknowledgement:
    """The first answer to an interaction: "thinking", or a refusal that only the asker sees.

    Whether a reply is private can never be changed afterwards, so the decision comes first. If it
    takes so long that Discord would give up (3 s), the caller acknowledges first, and a refusal is
    made up for.
    """

    def __init__(self, interaction: discord.Interaction, *, private: bool = False) -> None:
        self._interaction = interaction
        self._private = private
        self._message_id: int | None = None
        self._once = asyncio.Lock()

    async def acknowledge(self) -> int:
        """Defer (once) and return the reply's message id. Raises Unanswered."""
        async with self._once:
            if self._message_id is None:
                try:
                    self._message_id = await self._defer()
                except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
                    raise Unanswered(f"{type(error).__name__}: {error}") from error
        return self._message_id

    async def _defer(self) -> int:
        if not self._interaction.response.is_done():
            async with asyncio.timeout(EDIT_TIMEOUT):
                response = await self._interaction.response.defer(
                    ephemeral=self._private, thinking=True
                )
            if response is not None and response.message_id is not None:
                return response.message_id
        return (await self._interaction.original_response()).id

    async def refuse(self, content: str) -> None:
        """Tell the asker alone.

        After a deferral: edit, follow up, delete, in that order (deleting first was seen to break
        the follow-up).
        """
        if self._message_id is None:
            await self._interaction.response.send_message(
                content, ephemeral=True, allowed_mentions=NOBODY
            )
            return
        await self._interaction.edit_original_response(content=NOT_GENERATED)
        await self._interaction.followup.send(content, ephemeral=True, allowed_mentions=NOBODY)
        await self._interaction.delete_original_response()
