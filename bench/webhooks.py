"""The provider's webhooks: each prediction's end, told at its moment, signed and not retried."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

import aiohttp

from bench.record import Record


class Webhooks:
    """Tells whoever asked for it; `secret` is what it signs with."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(24)
        self._session: aiohttp.ClientSession | None = None
        self._telling: set[asyncio.Task[None]] = set()

    @property
    def secret(self) -> str:
        return "whsec_" + base64.b64encode(self._key).decode()

    def promise(self, record: Record, address: str, body: Callable[[], bytes]) -> None:
        telling = asyncio.create_task(self._tell(record, address, body))
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def close(self) -> None:
        for telling in self._telling:
            telling.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _tell(self, record: Record, address: str, body: Callable[[], bytes]) -> None:
        await asyncio.sleep(record.completes_at - time.monotonic())
        self._session = self._session or aiohttp.ClientSession()
        content = body()
        async with self._session.post(address, data=content, headers=self._signed(content)) as got:
            got.raise_for_status()

    def _signed(self, body: bytes) -> dict[str, str]:
        name, sent = f"msg_{secrets.token_hex(8)}", str(int(time.time()))
        digest = hmac.digest(self._key, f"{name}.{sent}.".encode() + body, hashlib.sha256)
        return {
            "webhook-id": name,
            "webhook-timestamp": sent,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
            "Content-Type": "application/json",
        }
