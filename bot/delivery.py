"""Replies in Discord: one message from "thinking" to the image, by whatever way still works."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import discord

from bot.calls import (
    ARCHIVED,
    CALL_TIMEOUT,
    NOBODY,
    UNEDITABLE,
    UNREACHABLE,
    UPLOAD_TIMEOUT,
    Answer,
    bounded,
)
from bot.clock import Clock
from bot.domain import Delivery, Form, Generation
from bot.views.cancel import cancel_view

log = logging.getLogger(__name__)

#: Edits of one interaction's reply are rate-limited at about 5 per 2 s and share hidden limits;
#: one every 3 s keeps far away from both.
EDIT_INTERVAL_MS = 3_000
#: A message that has not been edited for this long is looked at: somebody may have removed it,
#: and then nobody wants the image any more.
LOOK_INTERVAL_MS = 20_000
#: Recent messages searched for an image that an earlier process may have posted.
RECENT_MESSAGES = 25

Forming = Callable[[int], Awaitable[Form]]


class Reply:
    """One generation's message. Progress is throttled and may be dropped; the end is not."""

    def __init__(self, client: discord.Client, generation: Generation, clock: Clock) -> None:
        self._client = client
        self._generation = generation
        self._clock = clock
        self._wanted: tuple[str, str | None] | None = None
        self._shown: tuple[str, str | None] | None = None
        self._touched_at = 0
        self._edit: asyncio.Task[None] | None = None
        self._last = asyncio.Event()
        #: Somebody removed the message, or its channel.
        self.gone = False

    def show(self, content: str, button: str | None) -> None:
        """Bring the message up to this, now or as soon as the last edit is long enough ago.

        Only the newest state is shown: what came between is dropped, not queued.
        """
        self._wanted = (content, button)
        if self._edit is None or self._edit.done():
            if self._wanted != self._shown:
                self._edit = asyncio.create_task(self._catch_up(), name="progress")
            elif self._clock.now() >= self._touched_at + LOOK_INTERVAL_MS:
                self._edit = asyncio.create_task(self._look(), name="look")

    async def _catch_up(self) -> None:
        while self._wanted is not None and self._wanted != self._shown:
            early = self._touched_at + EDIT_INTERVAL_MS - self._clock.now()
            if early > 0:
                await self._clock.wait(self._last, early / 1000)
            if self._last.is_set():
                return
            self._shown, self._touched_at = self._wanted, self._clock.now()
            content, button = self._shown
            view = cancel_view(self._generation.id, button) if button else None
            answer = await self._by_token(CALL_TIMEOUT, content=content, view=view)
            if answer.outcome is Delivery.LATER:
                self._shown = None  # whoever shows it next tries again
                return

    async def _look(self) -> None:
        self._touched_at = self._clock.now()
        if self._token_works:
            await self._call(
                self._webhook.fetch_message(self._generation.message_id or 0), CALL_TIMEOUT
            )

    def stop(self) -> None:
        """Make no more edits of progress."""
        if self._edit is not None:
            self._edit.cancel()

    async def finish(self, content: str) -> Delivery:
        """Replace the message by its last words: by the reply's token, else by the bot's own."""
        await self._quiet()
        message = {"content": content, "view": None}
        answer = await self._by_token(CALL_TIMEOUT, **message)
        if answer.outcome is Delivery.REFUSED:
            answer = await self._by_bot(CALL_TIMEOUT, **message)
        return answer.outcome

    async def deliver(self, form: Forming) -> Delivery:
        """Put the image where the person can see it; each way has a size limit of its own.

        Public: reply token, bot token on the same message, a new message where the old one cannot
        be edited, DM. Private: reply token, DM; never the channel.
        """
        await self._quiet()
        if self.gone:
            return Delivery.GONE
        answer = await self._by_token(
            UPLOAD_TIMEOUT, **await self._edition(form, self._generation.request.size_limit)
        )
        if answer.outcome is Delivery.REFUSED and not self._generation.request.private:
            answer = await self._in_channel(form)
        if answer.outcome is Delivery.REFUSED:
            answer = await self._by_dm(form)
        return answer.outcome

    async def _in_channel(self, form: Forming) -> Answer:
        answer = await self._edit_by_bot(form)
        if answer.code == ARCHIVED:
            thread = await self._call(
                self._client.fetch_channel(self._generation.request.channel_id), CALL_TIMEOUT
            )
            if thread.outcome is not Delivery.SENT:
                return thread
            if not isinstance(thread.value, discord.Thread) or thread.value.locked:
                return Answer(Delivery.GONE)  # closed on purpose: nothing is posted there
            await self._call(thread.value.edit(archived=False), CALL_TIMEOUT)
            answer = await self._edit_by_bot(form)
        if answer.code in UNEDITABLE:
            return await self._post(self._channel, await form(self._bot_limit))
        return answer

    async def _edit_by_bot(self, form: Forming) -> Answer:
        return await self._by_bot(UPLOAD_TIMEOUT, **await self._edition(form, self._bot_limit))

    async def _by_dm(self, form: Forming) -> Answer:
        person = discord.Object(self._generation.request.user_id)
        opened = await self._call(self._client.create_dm(person), CALL_TIMEOUT)
        if opened.outcome is not Delivery.SENT:
            return opened
        limit = discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
        return await self._post(opened.value, await form(limit))

    async def _post(self, channel: discord.abc.Messageable, form: Form) -> Answer:
        """A new message, once: an earlier process may have posted it before it died.

        The nonce is honoured for a few minutes only; recent messages are searched first, where
        that is permitted.
        """
        file = self._file(form)
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                async for message in channel.history(limit=RECENT_MESSAGES):
                    if any(self._is_ours(a) for a in message.attachments):
                        return Answer(Delivery.SENT)
        except (discord.HTTPException, *UNREACHABLE):
            log.info("recent messages unreadable", extra={"generation": self._generation.id})
        call = channel.send(
            form.content, file=file, nonce=self._generation.id, allowed_mentions=NOBODY
        )
        return await self._call(call, UPLOAD_TIMEOUT)

    async def _by_token(self, timeout: float, **message: Any) -> Answer:
        if not self._token_works:
            return Answer(Delivery.REFUSED)
        message_id = self._generation.message_id or 0
        call = self._webhook.edit_message(message_id, allowed_mentions=NOBODY, **message)
        return await self._call(call, timeout)

    async def _by_bot(self, timeout: float, **message: Any) -> Answer:
        if self._generation.message_id is None or self._generation.request.private:
            return Answer(Delivery.REFUSED)
        partial = self._channel.get_partial_message(self._generation.message_id)
        return await self._call(partial.edit(allowed_mentions=NOBODY, **message), timeout)

    async def _edition(self, form: Forming, limit: int) -> dict[str, Any]:
        """The last edit's fields; a File is spent by each attempt, so each makes its own."""
        formed = await form(limit)
        return {"content": formed.content, "view": None, "attachments": [self._file(formed)]}

    def _file(self, form: Form) -> discord.File:
        name = f"imagine-{self._generation.id}.{form.image.extension}"
        return discord.File(io.BytesIO(form.image.data), filename=name, description=form.alt)

    def _is_ours(self, attachment: discord.Attachment) -> bool:
        return attachment.filename.startswith(f"imagine-{self._generation.id}.")

    async def _quiet(self) -> None:
        """No edit of progress may come after the last one."""
        self._last.set()
        if self._edit is not None:
            await asyncio.wait({self._edit})  # whatever became of it

    async def _call(self, call: Coroutine[Any, Any, object], seconds: float) -> Answer:
        answer = await bounded(call, seconds, self._generation.id)
        self.gone = self.gone or answer.outcome is Delivery.GONE
        return answer

    @property
    def _token_works(self) -> bool:
        request = self._generation.request
        fresh = bool(request.token) and self._clock.now() < request.token_expires_at
        return fresh and self._generation.message_id is not None

    @property
    def _webhook(self) -> discord.Webhook:
        request = self._generation.request
        return discord.Webhook.partial(request.application_id, request.token, client=self._client)

    @property
    def _channel(self) -> discord.PartialMessageable:
        request = self._generation.request
        return self._client.get_partial_messageable(request.channel_id, guild_id=request.guild_id)

    @property
    def _bot_limit(self) -> int:
        """Bytes that the bot's own token may upload in this server."""
        guild = self._client.get_guild(self._generation.request.guild_id or 0)
        return guild.filesize_limit if guild else discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
