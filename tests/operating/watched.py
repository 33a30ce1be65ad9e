"""The unmodified bot in the playground, with a port to be watched at and a log for machines."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from playground.replicate import Faults
from playground.serving import claim
from playground.stage import Plan, Stage, stage
from tests.playground.test_limits import image
from tests.playground.test_whole import PATIENCE


@dataclass
class Watched:
    """A running bot, and its own pages at `address`."""

    running: Stage
    address: str
    session: aiohttp.ClientSession

    async def page(self, path: str) -> tuple[int, str]:
        async with self.session.get(self.address + path) as response:
            return response.status, await response.text()

    async def ready(self) -> tuple[int, dict[str, Any]]:
        status, text = await self.page("/readyz")
        return status, json.loads(text)

    async def imagine(self) -> None:
        """Ask for an image, and wait for it."""
        await image(self.running)

    def log(self) -> list[dict[str, Any]]:
        """What it has written so far; each line must be a JSON object."""
        text = self.running.bot.log.read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]


@asynccontextmanager
async def watched(
    folder: Path, *faults: str, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Watched]:
    data = folder / "data"
    data.mkdir()
    port = free_port()
    ours = {"WEB_PORT": str(port), "LOG_FORMAT": "json", **(settings or {})}
    plan = Plan(claim(0), folder, data, 0.3, Faults.parse(faults), settings=ours)
    async with asyncio.timeout(PATIENCE), stage(plan) as running:
        await running.ready()
        async with aiohttp.ClientSession() as session:
            yield Watched(running, f"http://127.0.0.1:{port}", session)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
