"""The last hash of each server's record, posted in the server: what was posted cannot be forged."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.language import speaking
from bot.storage.audit import Audit
from bot.storage.settings import GuildSettings
from bot.wording import moderation as words

log = logging.getLogger(__name__)

#: A record that has grown is posted once a day; a little less, since it is looked at every hour.
POST_EVERY_MS = 24 * 3_600_000 - 60_000


class Heads:
    """One line a day in the channel that a server's managers chose for notices."""

    def __init__(
        self,
        audit: Audit,
        settings: GuildSettings,
        send: Callable[[int, int, str], Awaitable[bool]],
        language: Callable[[int], str],
        clock: Clock,
    ) -> None:
        """`send` posts in a server's channel; False: it did not arrive. `language`: a server's."""
        self._audit = audit
        self._settings = settings
        self._send = send
        self._language = language
        self._clock = clock

    async def post(self) -> int:
        """Where a record has grown since the last day; returns how many lines arrived."""
        count = 0
        for guild_id, channel_id in self._settings.noticed().items():
            now = self._clock.now()
            due = await self._audit.to_post(guild_id, now=now, before=now - POST_EVERY_MS)
            if due is None:
                continue
            with speaking(self._language(guild_id)):
                line = words.head(*due)
            if await self._send(guild_id, channel_id, line):
                count += 1
            else:
                await self._audit.not_posted(guild_id)
        if count:
            log.info("heads posted", extra={"servers": count})
        return count
