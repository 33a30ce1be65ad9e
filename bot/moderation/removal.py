"""Taking back what was shown: its messages go, and what is sealed is deleted once its time is over.

Both are recorded first, and carried out again and again until they are done.
"""

from __future__ import annotations

import logging

import discord

from bot.chat.audience import of_server
from bot.chat.backoff import Backoff
from bot.chat.calls import ARCHIVED, CALL_TIMEOUT, Answer, bounded
from bot.chat.shards import is_mine
from bot.chat.uploads import shown_in
from bot.clock import Clock
from bot.domain.attached import names
from bot.domain.generation import Delivery
from bot.generation.gallery import Gallery
from bot.language import speaking
from bot.storage.removals import Messages
from bot.storage.storage import Storage
from bot.views.desk import why_view
from bot.wording import desk as words

log = logging.getLogger(__name__)

#: Recent direct messages searched for a copy of what is removed.
RECENT_DIRECT = 100


class Removal:
    """Every step may be repeated."""

    def __init__(
        self, client: discord.Client, storage: Storage, gallery: Gallery, clock: Clock
    ) -> None:
        self._client = client
        self._removals = storage.removals
        self._settings = storage.settings
        self._gallery = gallery
        self._clock = clock
        self._backoff = Backoff(clock)

    async def pass_over(self) -> None:
        """Delete the messages that are to go, and the images whose seal has ended."""
        for each in await self._removals.waiting():
            mine = is_mine(self._client, each.guild_id)
            if mine and not self._backoff.holds(each.interaction_id):
                await self.carry_out(each)
        await self.delete_due()

    async def at_once(self, interaction_id: int) -> Delivery:
        """Do so for one request, as `carry_out` says."""
        await self._gallery.remove_copies(interaction_id)
        outcome = Delivery.SENT
        for each in await self._removals.of(interaction_id):
            outcome = await self.carry_out(each)
        await self.delete_due()
        return outcome

    async def delete_due(self) -> None:
        """The images whose seal has ended, and what they started from.

        What the disk does not delete now is tried again.
        """
        gone = []
        for row in await self._removals.due(self._clock.now()):
            try:
                begun = names(row.id, row.request.pictures)
                await self._gallery.remove([*(each.name for each in row.outputs), *begun])
                gone.append(row)
            except OSError as error:
                about = {"generation": row.id, "reason": type(error).__name__}
                log.warning("image not deleted", extra=about)
        await self._removals.emptied(gone)

    async def carry_out(self, messages: Messages) -> Delivery:
        """Delete them, and tell whoever asked: SENT.

        What Discord cannot take now (LATER) is tried again a minute later, and so is what the bot
        is not let near (REFUSED), once an hour for as long as it is in the server.
        """
        shown = [messages.message_id, messages.published_id]
        outcomes = [await self._deleted(messages, each) for each in shown if each is not None]
        if messages.direct:
            outcomes.append(await self._direct_ones_deleted(messages))
        if messages.tell and await self._removals.to_tell(messages.interaction_id):
            await self._tell(messages)
        refused = Delivery.REFUSED in outcomes
        here = self._client.get_guild(messages.guild_id or 0) is not None
        if Delivery.LATER in outcomes:
            return Delivery.LATER
        if refused and here:
            self._backoff.begin(messages.interaction_id)
        else:
            await self._removals.deleted(messages.interaction_id)
            self._backoff.end(messages.interaction_id)
        return Delivery.REFUSED if refused else Delivery.SENT

    async def _tell(self, messages: Messages) -> None:
        """That there is something to ask about; no harm if it fails.

        By direct message where the server allows those, else in the channel, and nothing of what.
        """
        outcome = Delivery.REFUSED
        if messages.direct:
            opened = await self._opened(messages.user_id, _about(messages))
            if opened.outcome is Delivery.SENT:
                outcome = await self._told(opened.value, messages)
        if outcome is not Delivery.SENT:
            await self._told(self._channel(messages), messages)

    async def _told(self, channel: discord.abc.Messageable, messages: Messages) -> Delivery:
        only = [discord.Object(messages.user_id)]
        with speaking(of_server(self._client, self._settings, messages.guild_id)):
            content, view = words.aside(messages.user_id), why_view(_about(messages))
        call = channel.send(
            content,
            view=view,
            nonce=f"{_about(messages)}x",
            allowed_mentions=discord.AllowedMentions(everyone=False, roles=False, users=only),
        )
        return (await bounded(call, CALL_TIMEOUT, _about(messages))).outcome

    async def _direct_ones_deleted(self, messages: Messages) -> Delivery:
        """Where direct messages went is not recorded: recent ones are searched."""
        about = _about(messages)
        opened = await self._opened(messages.user_id, about)
        if opened.outcome is not Delivery.SENT:  # who takes none now has kept what they had
            return Delivery.LATER if opened.outcome is Delivery.LATER else Delivery.SENT
        search = self._copies(opened.value, messages.interaction_id)
        found = await bounded(search, CALL_TIMEOUT, about)
        calls = [message.delete() for message in found.value or ()]
        answers = [found, *[await bounded(call, CALL_TIMEOUT, about) for call in calls]]
        later = any(each.outcome is Delivery.LATER for each in answers)
        return Delivery.LATER if later else Delivery.SENT

    async def _copies(
        self, channel: discord.abc.Messageable, interaction_id: int
    ) -> list[discord.Message]:
        found = []
        async for message in channel.history(limit=RECENT_DIRECT):
            shown = shown_in(message, self._client.user)
            if shown is not None and shown[0] == interaction_id:
                found.append(message)
        return found

    async def _opened(self, user_id: int, about: str) -> Answer:
        """Their direct messages."""
        call = self._client.create_dm(discord.Object(user_id))
        return await bounded(call, CALL_TIMEOUT, about)

    async def _deleted(self, messages: Messages, message_id: int) -> Delivery:
        """SENT also where it was not there any more."""
        about = _about(messages)
        message = self._channel(messages).get_partial_message(message_id)
        answer = await bounded(message.delete(), CALL_TIMEOUT, about)
        if answer.code == ARCHIVED:
            reopened = await bounded(self._reopened(messages.channel_id), CALL_TIMEOUT, about)
            if reopened.outcome is Delivery.LATER:
                return Delivery.LATER
            answer = await bounded(message.delete(), CALL_TIMEOUT, about)
        if answer.outcome is Delivery.REFUSED:
            log.warning("message not deleted", extra={"code": answer.code, "generation": about})
        return Delivery.SENT if answer.outcome is Delivery.GONE else answer.outcome

    def _channel(self, messages: Messages) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(messages.channel_id, guild_id=messages.guild_id)

    async def _reopened(self, thread_id: int) -> None:
        thread = await self._client.fetch_channel(thread_id)
        if isinstance(thread, discord.Thread):
            await thread.edit(archived=False)


def _about(messages: Messages) -> str:
    """Its first row's id."""
    return f"{messages.interaction_id}-0"
