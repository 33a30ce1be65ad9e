"""Taking back what was shown: its messages go, and what is sealed is deleted once its time is over.

Both are recorded first, and carried out again and again until they are done.
"""

from __future__ import annotations

import logging

import discord

from bot.calls import CALL_TIMEOUT, bounded
from bot.clock import Clock
from bot.domain import Delivery
from bot.gallery import Gallery
from bot.storage.removals import Messages, Removals

log = logging.getLogger(__name__)


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
        due = await self._removals.due(self._clock.now())
        await self._gallery.remove([each.name for row in due for each in row.outputs])
        await self._removals.emptied(due)

    async def carry_out(self, messages: Messages) -> None:
        """Delete them; what Discord cannot take now is tried again a minute later."""
        done = True
        for message_id in (messages.message_id, messages.published_id):
            if message_id is not None:
                done &= await self._deleted(messages, message_id)
        if done:
            await self._removals.deleted(messages.interaction_id)

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
