"""Discord on real sockets with a bot on discord.py in the same loop."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import discord
import yarl
from aiohttp import ClientSession, web
from discord.ext import commands
from PIL import Image

from playground.backend import RealClock
from playground.chat import add_routes
from playground.discord import GATEWAY, DiscordFaults, create_app
from playground.gateway import Gateway
from playground.modal import Modal
from playground.serving import serve
from playground.world import World

TOKEN = "the.bots.token"
PATIENCE = 10.0
"""Seconds after which a test gives up waiting for something that should happen at once."""


class ShiftedClock(RealClock):
    """Real time, moved on by `advance`."""

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.elapsed)


class SmallBot(commands.AutoShardedBot):
    """A bot with whatever commands a test gives it, registered before it connects."""

    def __init__(self, intents: discord.Intents | None = None) -> None:
        super().__init__(
            commands.when_mentioned,
            intents=intents or discord.Intents(guilds=True),
            max_messages=None,
            chunk_guilds_at_startup=False,
        )

    async def setup_hook(self) -> None:
        await self.tree.sync()


@dataclass
class Place:
    """The server, the world behind it and a client without discord.py."""

    world: World
    app: web.Application
    address: str
    http: ClientSession

    @property
    def api(self) -> str:
        return f"{self.address}/api/v10"

    @property
    def gateway(self) -> Gateway:
        return self.app[GATEWAY]

    @property
    def person(self) -> str:
        return self.world.people[2]["id"]

    @property
    def channel(self) -> str:
        return self.world.channels[0]["id"]

    def seen(self, viewer: str | None = None) -> list[dict[str, Any]]:
        return self.world.messages(self.channel, viewer or self.person)

    async def invoke(self, name: str, **options: str) -> Modal | None:
        return await self.world.invoke(self.person, self.channel, name, options)

    async def until(self, true: Callable[[], Any]) -> None:
        """Wait for a condition that a change in the world brings about."""
        changed = asyncio.Event()
        unsubscribe = self.world.subscribe(lambda _event, _payload: changed.set())
        try:
            async with asyncio.timeout(PATIENCE):
                while not true():
                    await changed.wait()
                    changed.clear()
        finally:
            unsubscribe()

    async def call(self, method: str, path: str, **request: Any) -> tuple[int, Any]:
        """A REST call with the bot's token: status and parsed body."""
        headers = {"Authorization": f"Bot {TOKEN}"}
        url = self.api + path
        async with self.http.request(method, url, headers=headers, **request) as response:
            # Exactly: with a charset discord.py would not parse it.
            assert response.headers["Content-Type"] == "application/json"
            return response.status, await response.json()

    async def answered(self, callback: Mapping[str, Any], command: str) -> tuple[str, Any]:
        """Run `command` and acknowledge it by hand: the interaction's token and Discord's body."""
        return await self._answer(self.invoke(command), callback)

    async def answered_press(
        self, message: str, custom_id: str, callback: Mapping[str, Any]
    ) -> tuple[str, Any]:
        """The same for a press of a button."""
        press = self.world.click(self.person, self.channel, message, custom_id)
        return await self._answer(press, callback)

    async def answered_form(
        self, values: Mapping[str, Any], callback: Mapping[str, Any]
    ) -> tuple[str, Any]:
        """The same for the submission of the form that was opened last."""
        opener = max(i.id for i in self.world.backend.interactions.values() if i.modal is not None)
        return await self._answer(self.world.submit(self.person, str(opener), values), callback)

    async def _answer(
        self, action: Coroutine[Any, Any, object], callback: Mapping[str, Any]
    ) -> tuple[str, Any]:
        seen: list[Mapping[str, Any]] = []
        unsubscribe = self.world.subscribe(
            lambda event, payload: seen.append(payload) if event == "INTERACTION_CREATE" else None
        )
        running = asyncio.create_task(action)
        await self.until(lambda: seen)
        unsubscribe()
        path = f"/interactions/{seen[0]['id']}/{seen[0]['token']}/callback?with_response=1"
        _, body = await self.call("POST", path, json=callback)
        await running
        return seen[0]["token"], body

    @asynccontextmanager
    async def running(self, bot: SmallBot, token: str = TOKEN) -> AsyncIterator[SmallBot]:
        """`bot` connected, its commands registered."""
        task = asyncio.create_task(bot.start(token))
        try:
            async with asyncio.timeout(PATIENCE):
                await self.gateway.arrived()
            yield bot
        finally:
            await bot.close()
            await task


@asynccontextmanager
async def open_place(world: World, faults: DiscordFaults | None = None) -> AsyncIterator[Place]:
    """Serve `world` and its page, with discord.py pointed at it until the end."""
    base, gateway = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    app = create_app(world, TOKEN, faults)
    add_routes(app, world)
    try:
        async with serve(app) as address, ClientSession() as http:
            world.backend.cdn.base = address
            discord.http.Route.BASE = f"{address}/api/v10"
            url = yarl.URL(f"{address}/gateway").with_scheme("ws")
            discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = url
            yield Place(world, app, address, http)
    finally:
        discord.http.Route.BASE = base
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway


def command(bot: SmallBot, body: Callable[[discord.Interaction], Awaitable[None]]) -> None:
    """Give `bot` the slash command /`body.__name__`, without options."""

    async def callback(interaction: discord.Interaction) -> None:
        await body(interaction)

    callback.__name__ = body.__name__
    bot.tree.command(description="A command of a test")(callback)


def picture(name: str = "fox.png", alt: str | None = None, size: int = 0) -> discord.File:
    """A valid small PNG, or `size` bytes of nothing."""
    buffer = io.BytesIO(bytes(size))
    if not size:
        Image.new("RGB", (8, 6), (200, 90, 30)).save(buffer, "PNG")
        buffer.seek(0)
    return discord.File(buffer, name, description=alt)
