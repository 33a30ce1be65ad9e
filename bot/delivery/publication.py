"""The reply where moderators decide: private, while the image is published as its own message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeAlias

import discord

from bot.budget import Turnstile
from bot.chat.calls import CALL_TIMEOUT, NOBODY, Answer
from bot.clock import Clock
from bot.delivery.reply import Forming, Reply
from bot.domain.generation import Delivery, Generation
from bot.language import speaking
from bot.views.desk import why_view
from bot.views.image import Below, more_id
from bot.views.panel import ids
from bot.wording import desk as words

#: Has the ledger remember the image's message.
Publish: TypeAlias = Callable[[Generation, int], Awaitable[None]]


class ReviewedReply(Reply):
    """What is decided reaches whoever asked by the reply's token, else by a note in the channel.

    Direct messages are off here: there no moderator sees what the bot says.
    """

    def __init__(
        self,
        client: discord.Client,
        generation: Generation,
        clock: Clock,
        edits: Turnstile,
        below: Below,
        publish: Publish,
    ) -> None:
        super().__init__(client, generation, clock, edits, below)
        self._publish = publish
        #: Whether this process has put the image in its message.
        self._in_place = False

    async def finish(self, content: str, appeal: str = "") -> Delivery:
        outcome = await super().finish(content, appeal)
        if outcome not in (Delivery.REFUSED, Delivery.GONE) or self._withdrawn:
            return outcome
        request = self._generation.request
        with speaking(request.guild_locale):
            content, view = words.aside(request.user_id), why_view(self._generation.id)
        call = self._channel.send(
            content,
            view=view,
            nonce=f"{self._first_id}{'w' if self._generation.appealed_at is None else 'a'}",
            allowed_mentions=self._whoever_asked,
        )
        return (await self._call(call, CALL_TIMEOUT)).outcome

    async def deliver(self, form: Forming) -> Delivery:
        """In the channel, once; or, where it was asked for privately, in the reply alone.

        Its message is there, and on record, before the image is in it: what somebody deletes is
        not posted again, whenever this process ends.
        """
        await self._progress.quiet()
        request = self._generation.request
        if not request.publish:
            return (await self._edit_image(self._by_token, form, request.size_limit)).outcome
        with speaking(request.guild_locale):
            outcome = await self._published(form)
        if outcome is not Delivery.SENT:
            return outcome
        content = words.published(request, self.published_id)
        told = await self._by_token(CALL_TIMEOUT, content=content, view=None)
        return Delivery.LATER if told.outcome is Delivery.LATER else Delivery.SENT

    async def _published(self, form: Forming) -> Delivery:
        if self.published_id is None:
            posted = await self._announced()
            if posted.outcome is not Delivery.SENT:
                return posted.outcome
            self.published_id = posted.value.id
        await self._publish(self._generation, self.published_id)
        if not self._in_place:
            shown = await self._edit_image(self._in_its_message, form, self._bot_limit)
            if shown.outcome is not Delivery.SENT:
                return shown.outcome
            self._in_place = True
        return Delivery.SENT

    async def _announced(self) -> Answer:
        """The message that the image will be in; an earlier process may have posted it."""
        if (found := await self._found(self._channel)) is not None:
            return Answer(Delivery.SENT, value=found)
        call = self._channel.send(
            words.announced(self._generation.request),
            view=self._below(self._generation.request),
            nonce=self._first_id,
            allowed_mentions=self._whoever_asked,
        )
        return await self._call(call, CALL_TIMEOUT)

    async def _in_its_message(self, timeout: float, **message: Any) -> Answer:
        partial = self._channel.get_partial_message(self.published_id or 0)
        return await self._call(partial.edit(allowed_mentions=NOBODY, **message), timeout)

    def _is_ours(self, message: discord.Message) -> bool:
        """Also before the image is in it."""
        bot, custom_id = self._client.user, more_id(self._first_id)
        own = bot is not None and message.author.id == bot.id
        return super()._is_ours(message) or (own and custom_id in ids(message))

    async def _call(self, call: Coroutine[Any, Any, object], seconds: float) -> Answer:
        """That somebody dismissed the private reply takes nothing back."""
        answer = await super()._call(call, seconds)
        self.gone = False
        return answer

    @property
    def _withdrawn(self) -> bool:
        """Whoever asked did that by themselves: it is no news, and nobody else's business."""
        row = self._generation
        return row.cancel_requested_at is not None and row.error != "blocked"

    @property
    def _whoever_asked(self) -> discord.AllowedMentions:
        users = [discord.Object(self._generation.request.user_id)]
        return discord.AllowedMentions(everyone=False, roles=False, users=users, replied_user=False)


def reply_to(
    client: discord.Client,
    generation: Generation,
    clock: Clock,
    edits: Turnstile,
    below: Below,
    publish: Publish,
) -> Reply:
    """The reply that this request has: where moderators decide, another one."""
    if generation.request.review == "off":
        return Reply(client, generation, clock, edits, below)
    return ReviewedReply(client, generation, clock, edits, below, publish)
