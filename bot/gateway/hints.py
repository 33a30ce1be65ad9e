"""What other processes say they have changed: read again, or looked at, here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from bot.moderation.desk import Desk
from bot.request.screens import Screens
from bot.storage.peer import Peer, Topic
from bot.storage.storage import Storage

log = logging.getLogger(__name__)


class Hints:
    """They may come late, twice or never: what they are about is in the database."""

    def __init__(self, peer: Peer, storage: Storage, screens: Screens, desk: Desk) -> None:
        self._storage = storage
        self._screens = screens
        self._desk = desk
        self._acting: set[asyncio.Task[None]] = set()
        peer.on(Topic.CHANGED, lambda about: self._act(self._changed(int(about))))
        peer.on(Topic.DESK, lambda about: self._act(self._desk.heard(int(about))))
        storage.settings.changed = lambda guild_id: peer.tell(Topic.CHANGED, guild_id)

    async def missed(self) -> None:
        """Read what was changed while nothing was heard of the others."""
        for guild_id in await self._storage.settings.outdated():
            await self._changed(guild_id)

    async def _changed(self, guild_id: int) -> None:
        """The policy last: whoever has its new version has the words and styles it stands for."""
        await self._screens.reload(guild_id)
        await self._storage.styles.reload(guild_id)
        await self._storage.settings.reload(guild_id)

    def _act(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(work), name="hint")
        self._acting.add(task)
        task.add_done_callback(self._acting.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("hint not followed")
