"""The small Replicate behind a socket, and a customer of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from playground.replicate import SmallReplicate

MODEL = "google/imagen-4-ultra"
TOKEN = "r8_any"


@dataclass
class Shop:
    """A small Replicate behind a socket, its clock in our hand, and a customer."""

    base: str
    session: aiohttp.ClientSession
    small: SmallReplicate
    now: list[float] = field(default_factory=lambda: [1_700_000_000.0])

    def passes(self, seconds: float) -> None:
        self.now[0] += seconds

    async def call(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, Any]:
        credential = {"Authorization": f"Bearer {TOKEN}", **headers}
        async with self.session.request(
            method, self.base + path, json=body, headers=credential
        ) as answer:
            is_json = "json" in answer.content_type
            return answer.status, await (
                answer.json(content_type=None) if is_json else answer.text()
            )

    async def buy(self, **given: object) -> tuple[int, Any]:
        headers = {"Cancel-After": str(given.pop("cancel_after", "600s"))}
        body = {"input": {"prompt": "a red fox", **given}}
        return await self.call("POST", f"/models/{MODEL}/predictions", body, **headers)

    async def look(self, identity: str) -> Any:
        status, body = await self.call("GET", f"/predictions/{identity}")
        assert status == 200
        return body

    async def finish(self, **given: object) -> Any:
        """Buy an image and wait until it is over."""
        _, bought = await self.buy(**given)
        self.passes(1_000)
        return await self.look(bought["id"])


@asynccontextmanager
async def open_shop() -> AsyncIterator[Shop]:
    now = [1_700_000_000.0]
    small = SmallReplicate(clock=lambda: now[0], mean_seconds=6.0, seed=7)
    async with small.serve() as base, aiohttp.ClientSession() as session:
        yield Shop(base, session, small, now)
