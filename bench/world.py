"""The world under a bot: Discord and a predictions API in one light server, and its clock."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from bench import payloads
from bench.discord import Rest
from bench.gateway import Gateway
from bench.provider import Provider
from bench.record import Record

HOST = "127.0.0.1"

_READ_AT_ONCE = 1 << 20  # bytes; with aiohttp's 64 KiB, receiving images is mostly pausing
_BACKLOG = 4096  # connections that may wait, so that a burst is the bot's to bear
_GOODBYE = 0.2  # seconds that open connections get at the end


class World:
    """Serves one bot for one measurement; `records` are its requests by number.

    Discord's REST takes `discord_seconds` for each answer.
    """

    def __init__(self, image: bytes, media_type: str, discord_seconds: float = 0.0) -> None:
        self.records: list[Record] = []
        self.gateway = Gateway()
        self.provider = Provider(self.records, image, media_type)
        self.address = ""
        self._rest = Rest(self.records, len(image), discord_seconds)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[None]:
        """Serve on a free port of 127.0.0.1 while the context lasts."""
        # Without a router and an access log: polls are many, and this process shares two cores.
        server = web.Server(self._answer, access_log=None, read_bufsize=_READ_AT_ONCE)
        runner = web.ServerRunner(server, shutdown_timeout=_GOODBYE)
        await runner.setup()
        listening = socket.create_server((HOST, 0), backlog=_BACKLOG)
        try:
            await web.SockSite(runner, listening, backlog=_BACKLOG).start()
            self.address = f"http://{HOST}:{listening.getsockname()[1]}"
            yield
        finally:
            await self.provider.webhooks.close()
            await self.gateway.close()
            await runner.cleanup()

    async def dispatch(self, count: int, per_second: float, seconds: Callable[[], float]) -> None:
        """Send `count` new requests, evenly spaced; `seconds` says how long each will take."""
        began = time.monotonic()
        for sent in range(count):
            if (early := began + sent / per_second - time.monotonic()) > 0:
                await asyncio.sleep(early)
            await self.ask(seconds())

    async def ask(self, seconds: float) -> Record:
        """Send one `/imagine`."""
        number = len(self.records)
        record = Record(number, seconds, time.monotonic(), payloads.snowflake())
        self.records.append(record)
        event = payloads.interaction(record)
        record.dispatched_at = time.monotonic()
        await self.gateway.tell("INTERACTION_CREATE", event)
        return record

    async def settled(self, since: int, within: float) -> None:
        """Return when every request from number `since` on is settled, or after `within`."""
        ends = time.monotonic() + within
        waiting = self.records[since:]
        while waiting and time.monotonic() < ends:
            await asyncio.sleep(0.05)
            waiting = [record for record in waiting if not record.settled]

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0].strip("/").split("/")
        if path[0] == "api":
            return await self._rest.answer(request, path[2:])
        if path[0] == "gateway":
            return await self.gateway.connect(request)
        return await self.provider.answer(request, path)
