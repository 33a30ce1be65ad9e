"""What a person left open in a request becomes what they prefer, before it is answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection

from bot.domain.channel import ChannelPolicy, Privacy
from bot.domain.generation import Request
from bot.domain.preferences import PRIVATE, Preferred
from bot.record import replace
from bot.request.input import Chosen
from bot.storage.preferences import Preferences
from bot.storage.settings import GuildSettings

log = logging.getLogger(__name__)

#: The answer is due after three seconds, half of them the ledger's.
READ_SECONDS = 0.5


class Defaults:
    """A preference is only a default: what was chosen, and what a channel demands, goes before it.

    Models and options are decided later, where it is known what a place and a model take.
    """

    def __init__(self, preferences: Preferences, settings: GuildSettings) -> None:
        self._preferences = preferences
        self._settings = settings

    async def applied(
        self, request: Request, chosen: Chosen, left_open: Collection[str]
    ) -> tuple[Request, Chosen]:
        """`left_open`: of `bot.domain.preferences.OPEN`. Raises what reading raises."""
        preferred = await self._preferred(request.user_id)
        choices = {name: it for name, it in preferred.choices.items() if name in left_open}
        private = request.private
        if PRIVATE in left_open and preferred.private:
            policy = self._settings.policy(request.guild_id)
            channel = ChannelPolicy.of(policy, request.place_id)
            private = channel.privacy is not Privacy.FORBIDDEN
        return (
            replace(request, private=private, notify=preferred.notify),
            replace(chosen, preferred={**chosen.preferred, **choices}),
        )

    async def _preferred(self, user_id: int) -> Preferred:
        try:
            async with asyncio.timeout(READ_SECONDS):
                return await self._preferences.of(user_id)
        except TimeoutError:
            log.warning("preferences not read in time")
            return Preferred(private=True)  # what was seen cannot be made unseen
