"""A world and a bot in it, as processes apart, for as long as a measurement lasts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bench.contender import Contender
from bench.world import World

START_LIMIT = 60.0
"""Seconds that a bot may take to connect."""

_LAST_LINES = 6


class BenchFailed(Exception):
    """The measurement itself did not work; the message says why."""


@asynccontextmanager
async def connected(
    world: World, contender: Contender, folder: Path, settings: Mapping[str, str]
) -> AsyncIterator[int]:
    """The process id of the running bot, once it has identified.

    Raises BenchFailed, with the bot's last words, where it does not come or does not stay.
    """
    world.gateway.identified.clear()
    async with contender.running(world.address, folder, settings) as bot:
        ended = asyncio.create_task(bot.wait())
        greeted = asyncio.create_task(world.gateway.identified.wait())
        try:
            await asyncio.wait(
                {ended, greeted}, timeout=START_LIMIT, return_when=asyncio.FIRST_COMPLETED
            )
            if greeted.done():
                yield bot.pid
            if ended.done() or not greeted.done():
                raise BenchFailed(_last_words(contender.name, folder))
        finally:
            ended.cancel()
            greeted.cancel()


def _last_words(name: str, folder: Path) -> str:
    lines = (folder / "bot.log").read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join([f"{name} is not connected. It said last:", *lines[-_LAST_LINES:]])
