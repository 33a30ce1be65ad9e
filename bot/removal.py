"""Taking back what was shown: its messages go, and what is sealed is deleted once its time is over.

Both are recorded first, and carried out again and again until they are done.
"""

from __future__ import annotations

import logging

import discord

from bot.calls import CALL_TIMEOUT, Answer, bounded
from bot.clock import Clock
from bot.domain import Delivery, Generation
from bot.gallery import Gallery
from bot.storage.removals import Messages, Removals
from bot.uploads import shown_in
from bot.views.desk import why_view
from bot.wording import desk as words

log = logging.getLogger(__name__)

#: Recent direct messages searched for a copy of what is removed.
RECENT_DIRECT = 100


class Removal:
    """Every step may be repeated."""

    def __init__(
        self, client: discord.Client, removals: Removals, gallery: Gallery, clock: Clock
    ) -> None:
        self._client = client
        self._removals = removals
        self._gallery = gallery
        self._clock = clock

    async def pass_over(self) -> None:
        """Delete the messages that are to go, and the images whose seal has ended."""
        for each in await self._removals.waiting():
            await self.carry_out(each)
        await self.delete_due()

    async def at_once(self, interaction_id: int) -> bool:
        """Do so for one request; False: Discord does not take it now, so it is tried again."""
        done = [await self.carry_out(each) for each in await self._removals.of(interaction_id)]
        await self.delete_due()
        return all(done)

    async def delete_due(self) -> None:
        """The images whose seal has ended."""
        due = await self._removals.due(self._clock.now())
        await self._gallery.remove([each.name for row in due for each in row.outputs])
        await self._removals.emptied(due)

    async def tell(self, row: Generation) -> None:
        """Let whoever asked know that there is something to ask about; no harm if it fails.

        By direct message where the server allows those, else in the channel, and nothing of what.
        """
        request, outcome = row.request, Delivery.REFUSED
        channel = self._client.get_partial_messageable(
            request.channel_id, guild_id=request.guild_id
        )
        if request.direct:
            opened = await self._opened(request.user_id, row.id)
            if opened.outcome is Delivery.SENT:
                outcome = await self._told(opened.value, row)
        if outcome is not Delivery.SENT:
            await self._told(channel, row)

    async def _told(self, channel: discord.abc.Messageable, row: Generation) -> Delivery:
        only = [discord.Object(row.request.user_id)]
        call = channel.send(
            words.decided(row.request),
            view=why_view(row.id),
            nonce=f"{row.id}x",
            allowed_mentions=discord.AllowedMentions(everyone=False, roles=False, users=only),
        )
        return (await bounded(call, CALL_TIMEOUT, row.id)).outcome

    async def carry_out(self, messages: Messages) -> bool:
        """Delete them; what Discord cannot take now (False) is tried again a minute later."""
        done = await self._direct_ones_gone(messages)
        for message_id in (messages.message_id, messages.published_id):
            if message_id is not None:
                done &= await self._deleted(messages, message_id)
        if done:
            await self._removals.deleted(messages.interaction_id)
        return done

    async def _direct_ones_gone(self, messages: Messages) -> bool:
        """Whether no direct message of the bot's shows them: where those went is not recorded."""
        about = f"{messages.interaction_id}-0"
        opened = await self._opened(messages.user_id, about)
        if opened.outcome is not Delivery.SENT:
            return opened.outcome is not Delivery.LATER
        search = self._copies(opened.value, messages.interaction_id)
        found = await bounded(search, CALL_TIMEOUT, about)
        calls = [message.delete() for message in found.value or ()]
        answers = [found, *[await bounded(call, CALL_TIMEOUT, about) for call in calls]]
        return all(each.outcome is not Delivery.LATER for each in answers)

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

    async def _deleted(self, messages: Messages, message_id: int) -> bool:
        """Whether it is not to be seen any more, or the bot is not let near it."""
        channel = self._client.get_partial_messageable(
            messages.channel_id, guild_id=messages.guild_id
        )
        call = channel.get_partial_message(message_id).delete()
        answer = await bounded(call, CALL_TIMEOUT, f"{messages.interaction_id}-0")
        if answer.outcome is Delivery.REFUSED:
            log.warning("message not deleted", extra={"code": answer.code})
        return answer.outcome is not Delivery.LATER
