"""Replies in Discord: one message from "thinking" to the image, by whatever way still works."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import discord

from bot.budget import Turnstile
from bot.chat.calls import (
    ARCHIVED,
    CALL_TIMEOUT,
    NOBODY,
    TOO_LARGE,
    UNEDITABLE,
    UNREACHABLE,
    UPLOAD_TIMEOUT,
    Answer,
    bounded,
)
from bot.chat.uploads import opened, shown_in, upload_limit
from bot.clock import Clock
from bot.delivery.nudge import nudge
from bot.delivery.progress import Progress
from bot.domain.generation import Delivery, Generation
from bot.domain.picture import Form
from bot.policy.access import Way, ways
from bot.views.cancel import cancel_view
from bot.views.desk import appeal_view
from bot.views.image import Below

log = logging.getLogger(__name__)

#: Recent messages searched for an image that an earlier process may have posted.
RECENT_MESSAGES = 25

Forming = Callable[[int], Awaitable[Form]]


class Reply:
    """One request's message. Progress is throttled and may be dropped; the end is not."""

    def __init__(
        self, client: discord.Client, row: Generation, clock: Clock, edits: Turnstile, below: Below
    ) -> None:
        """`edits` of progress are shared by all replies."""
        self._client = client
        self._generation = row
        self._clock = clock
        self._below = below
        self._edits = edits
        self._progress = Progress(self._edit_progress, self._look, clock, edits)
        self._came_unnoticed = False
        self._aside: Callable[[], Awaitable[None]] | None = None
        self._saying: asyncio.Future[None] | None = None
        #: Somebody removed the message, or its channel.
        self.gone = False
        #: The image's own message, where it is not in the reply.
        self.published_id = row.published_id

    def show(self, content: str, button: str | None) -> None:
        """Bring the message up to this, as soon as it may be edited."""
        if self._token_works and not self.gone:
            self._progress.show(content, button)

    def whisper(self, say: Callable[[], Awaitable[None]]) -> None:
        """Say something aside, once the message is no longer "thinking".

        Until then Discord takes a follow-up for the reply itself, and shows it to everybody.
        """
        self._aside = say

    def stop(self) -> None:
        """Make no more edits of progress."""
        self._progress.stop()

    async def finish(self, content: str, appeal: str = "") -> Delivery:
        """Replace the message by its last words: by the reply's token, else by the bot's own."""
        await self._progress.quiet()
        message = {"content": content, "view": appeal_view(appeal) if appeal else None}
        answer = await self._by_token(CALL_TIMEOUT, **message)
        if answer.outcome is Delivery.REFUSED:
            answer = await self._by_bot(CALL_TIMEOUT, **message)
        return answer.outcome

    async def rest(self, content: str, button: str | None) -> None:
        """What it shows for as long as a moderator takes; no harm if it fails."""
        await self._progress.quiet()
        await self._edit_progress(content, button)

    async def deliver(self, form: Forming) -> Delivery:
        """Put the image where the person can see it; each way has a size limit of its own.

        Public: reply token, bot token on the same message, a new message where the old one cannot
        be edited, DM. Private: reply token, DM; never the channel. DM where the server allows it.
        Where the bot is no member its own token opens nothing: as if private.
        """
        await self._progress.quiet()
        if self.gone:
            return Delivery.GONE
        outcome = Delivery.REFUSED
        for way in ways(self._generation.request):
            if outcome is Delivery.REFUSED:
                outcome = (await self._by(way, form)).outcome
        return outcome

    async def mention(self, content: str) -> None:
        """Tell whoever asked that the image is there, where that is news (`bot.delivery.nudge`)."""
        if self._came_unnoticed:
            await nudge(self._client, self._generation, self.published_id, content)

    async def _by(self, way: Way, form: Forming) -> Answer:
        match way:
            case Way.REPLY:
                limit = self._generation.request.size_limit
                return await self._edit_image(self._by_token, form, limit)
            case Way.CHANNEL:
                return await self._in_channel(form)
            case Way.DIRECT:
                return await self._by_dm(form)

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
            return await self._post_anew(form)
        return answer

    async def _post_anew(self, form: Forming) -> Answer:
        answer = await self._post(self._channel, form, self._bot_limit)
        if answer.outcome is Delivery.SENT:
            self.published_id = answer.value.id  # so that it can be taken back
        return answer

    async def _edit_by_bot(self, form: Forming) -> Answer:
        return await self._edit_image(self._by_bot, form, self._bot_limit)

    async def _by_dm(self, form: Forming) -> Answer:
        person = discord.Object(self._generation.request.user_id)
        opened = await self._call(self._client.create_dm(person), CALL_TIMEOUT)
        if opened.outcome is not Delivery.SENT:
            return opened
        limit = discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
        return await self._post(opened.value, form, limit)

    async def _post(self, channel: discord.abc.Messageable, form: Forming, limit: int) -> Answer:
        """A new message, once: an earlier process may have posted it before it died.

        The nonce is honoured for a few minutes only; recent messages are searched first, where
        that is permitted.
        """
        if (found := await self._found(channel)) is not None:
            return Answer(Delivery.SENT, value=found)

        async def send(timeout: float, content: str, files: Sequence[discord.File]) -> Answer:
            call = channel.send(
                content,
                files=files,
                view=self._below(self._generation.request),
                nonce=self._first_id,
                allowed_mentions=NOBODY,
            )
            return await self._call(call, timeout)

        return await self._upload(send, form, limit)

    async def _found(self, channel: discord.abc.Messageable) -> discord.Message | None:
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                async for message in channel.history(limit=RECENT_MESSAGES):
                    if self._is_ours(message):
                        return message
        except (discord.HTTPException, *UNREACHABLE):
            log.info("recent messages unreadable", extra={"generation": self._generation.id})
        return None

    async def _by_token(self, timeout: float, **message: Any) -> Answer:
        if not self._token_works:
            return Answer(Delivery.REFUSED)
        message_id = self._generation.message_id or 0
        call = self._webhook.edit_message(message_id, allowed_mentions=NOBODY, **message)
        answer = await self._call(call, timeout)
        if answer.outcome is Delivery.SENT and self._aside is not None:
            # Beside, so that the image does not wait for it.
            self._saying = asyncio.ensure_future(self._aside())
            self._aside = None
        return answer

    async def _by_bot(self, timeout: float, **message: Any) -> Answer:
        request = self._generation.request
        if self._generation.message_id is None or request.private or request.guest:
            return Answer(Delivery.REFUSED)
        partial = self._channel.get_partial_message(self._generation.message_id)
        return await self._call(partial.edit(allowed_mentions=NOBODY, **message), timeout)

    async def _edit_image(
        self, edit: Callable[..., Awaitable[Answer]], form: Forming, limit: int
    ) -> Answer:
        """The last edit."""

        async def edit_last(timeout: float, content: str, files: Sequence[discord.File]) -> Answer:
            view = self._below(self._generation.request)
            return await edit(timeout, content=content, view=view, attachments=files)

        answer = await self._upload(edit_last, form, limit)
        self._came_unnoticed = answer.outcome is Delivery.SENT
        return answer

    async def _upload(
        self,
        send: Callable[[float, str, Sequence[discord.File]], Awaitable[Answer]],
        forming: Forming,
        limit: int,
    ) -> Answer:
        """Within `limit` bytes each; where Discord finds that too much together, within their sum.

        Its limit is one for each file, but nothing says how large all of them may be.
        """
        form = await forming(limit)
        count = len(form.pictures)
        with opened(form) as files:
            answer = await send(UPLOAD_TIMEOUT * count, form.content, files)
        if answer.code != TOO_LARGE or count == 1:
            return answer
        form = await forming(limit // count)
        with opened(form) as files:
            return await send(UPLOAD_TIMEOUT * count, form.content, files)

    def _is_ours(self, message: discord.Message) -> bool:
        found = shown_in(message, self._client.user)
        return found is not None and found[0] == self._generation.request.interaction_id

    @property
    def _first_id(self) -> str:
        """Of its first row, also where a restart found only others unfinished."""
        return f"{self._generation.request.interaction_id}-0"

    async def _edit_progress(self, content: str, button: str | None) -> Delivery:
        view = cancel_view(self._generation.id, button) if button else None
        return (await self._by_token(CALL_TIMEOUT, content=content, view=view)).outcome

    async def _look(self) -> Delivery:
        call = self._webhook.fetch_message(self._generation.message_id or 0)
        return (await self._call(call, CALL_TIMEOUT)).outcome

    async def _call(self, call: Coroutine[Any, Any, object], seconds: float) -> Answer:
        """Whoever may be taken for dead by others touches no message: theirs is newer by now."""
        if not self._edits.is_open():
            call.close()
            return Answer(Delivery.LATER)
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
        return upload_limit(self._client, self._generation.request.guild_id)
