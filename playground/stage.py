"""Everything that runs while somebody plays: both halves, the page and the bot."""

from __future__ import annotations

import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from playground.bot import Bot, BotCommand
from playground.chat import add_routes
from playground.discord import GATEWAY, DiscordFaults, create_app
from playground.replicate import Faults, SmallReplicate
from playground.serving import serve
from playground.world import World

# Rehearsals end quickly: a generation that is still running gets this many seconds.
_SHUTDOWN_GRACE = 2.0
_KILLED_AFTER = _SHUTDOWN_GRACE + 5.0


@dataclass(frozen=True)
class Plan:
    """What the command line asked for. `seconds` is the mean duration of a prediction."""

    listening: socket.socket
    directory: Path
    data_dir: Path
    seconds: float
    replicate_faults: Faults
    discord_faults: set[str] = field(default_factory=set)
    echo: Callable[[str], None] | None = None


@dataclass(frozen=True)
class Stage:
    """What is running: `address` opens the page."""

    world: World
    small: SmallReplicate
    address: str
    command: BotCommand
    bot: Bot
    _app: web.Application

    async def ready(self) -> None:
        """Wait until the bot has registered its commands and is connected."""
        await self._app[GATEWAY].arrived()
        await self.world.backend.registered.wait()


@asynccontextmanager
async def stage(plan: Plan) -> AsyncIterator[Stage]:
    """Start it all; at the end, stop the bot first and then what it talks to."""
    world = World.create()
    token = f"playground.{secrets.token_urlsafe(24)}"
    app = create_app(world, token, DiscordFaults(set(plan.discord_faults)))
    add_routes(app, world)
    small = SmallReplicate(plan.replicate_faults, mean_seconds=plan.seconds)
    async with serve(app, plan.listening) as address, small.serve() as replicate:
        world.backend.cdn.base = address
        command = BotCommand(_settings(plan, address, replicate, token), plan.directory)
        bot = await command.start(plan.data_dir / "bot.log", plan.echo)
        try:
            yield Stage(world, small, address, command, bot, app)
        finally:
            await bot.stop(_KILLED_AFTER)


def _settings(plan: Plan, discord: str, replicate: str, token: str) -> dict[str, str]:
    return {
        "DISCORD_API_URL": f"{discord}/api/v10",
        "DISCORD_TOKEN": token,
        "REPLICATE_API_URL": replicate,
        "REPLICATE_API_TOKEN": "playground",
        "DATA_DIR": str(plan.data_dir),
        "ALLOWED_GUILDS": "any",
        "SHUTDOWN_GRACE": str(_SHUTDOWN_GRACE),
    }
