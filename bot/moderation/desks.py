"""Where moderators decide, as far as this process knows: on the way of a command nobody is asked.

What is not known, or cannot be judged, is refused.
"""

from __future__ import annotations

import discord

from bot.chat.desk_channel import faults
from bot.domain.channel import ChannelPolicy, Review
from bot.domain.generation import Request
from bot.record import replace
from bot.refusals.desks import DeskTrouble, DeskUnusable
from bot.storage.settings import GuildSettings


class Desks:
    """Finds a request's desk, and whether it can be used."""

    def __init__(self, client: discord.Client, settings: GuildSettings) -> None:
        self._client = client
        self._settings = settings

    def placed(self, request: Request) -> Request:
        """The request with what its channel says of review; reviewed ones are private.

        Raises DeskUnusable.
        """
        policy = ChannelPolicy.of(self._settings.policy(request.guild_id), request.place_id)
        if policy.review is Review.OFF:
            return request
        self.channel(request)
        review = policy.review.value
        return replace(request, review=review, publish=not request.private, private=True)

    def channel(self, request: Request) -> discord.TextChannel:
        """The channel where it is decided about this request. Raises DeskUnusable."""
        policy = ChannelPolicy.of(self._settings.policy(request.guild_id), request.place_id)
        if policy.desk is None:
            raise DeskUnusable(DeskTrouble.UNSET)
        guild = self._client.get_guild(request.guild_id or 0)
        wrong = faults(guild, policy.desk)
        channel = guild.get_channel(policy.desk) if guild else None
        if "channel" in wrong or not isinstance(channel, discord.TextChannel):
            raise DeskUnusable(DeskTrouble.UNKNOWN)
        if "everyone" in wrong:
            raise DeskUnusable(DeskTrouble.OPEN)
        if wrong:
            raise DeskUnusable(DeskTrouble.FORBIDDEN, wrong)
        return channel
