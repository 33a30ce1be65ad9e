"""The small Replicate's webhooks: signed by Standard Webhooks, tried again, and gone wrong."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from playground.predictions import Purchase

#: Seconds before each further try of what met no 2xx; the last is about a minute after the first.
RETRIES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
#: Seconds that one try may take; between looks at a prediction that may be canceled; and how old a
#: stale webhook is.
TRY_SECONDS, LOOK_SECONDS, STALE_SECONDS = 5.0, 0.05, 600.0
#: How often a replayed one comes again.
REPLAYS = 3

#: A prediction's body as it is, was or will be, so many seconds since 1970.
BodyAt = Callable[[float], dict[str, Any]]


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def signed(secret: str, body: bytes, *, at: float) -> dict[str, str]:
    """The headers of one that was sent `at`, in seconds since 1970."""
    name, key = f"msg_{secrets.token_hex(12)}", base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, b".".join([name.encode(), b"%d" % at, body]), hashlib.sha256)
    return {
        "webhook-id": name,
        "webhook-timestamp": str(int(at)),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        "Content-Type": "application/json",
    }


class Webhooks:
    """Tells whoever wished it how predictions end; `told` is what was said and answered.

    (0: nothing was answered.)
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.secret = new_secret()
        self.told: list[tuple[str, int]] = []
        self._clock = clock
        self._telling: set[asyncio.Task[None]] = set()

    def promise(self, bought: Purchase, address: str, body_at: BodyAt, *, skew: float) -> None:
        """Tell `address` once it has ended; `skew` is how far ahead the clock is that dates it."""
        telling = asyncio.create_task(self._tell(bought, address, body_at, skew))
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def close(self) -> None:
        for telling in self._telling:
            telling.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)

    async def _tell(self, bought: Purchase, address: str, body_at: BodyAt, skew: float) -> None:
        on = bought.faults
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            post = _Post(session, address, self.told)
            if on.webhook_forged or on.webhook_stale:
                await self._until(lambda: bought.created_at + bought.duration / 3)
                body = _written(body_at(bought.ended_at))
                if on.webhook_forged:
                    await post(body, signed(new_secret(), body, at=time.time() + skew))
                if on.webhook_stale:
                    await post(body, signed(self.secret, body, at=time.time() - STALE_SECONDS))
            await self._until(lambda: bought.ended_at)
            if on.webhook_lost:
                return
            await self._end(bought, post, body_at, skew)

    async def _end(self, bought: Purchase, post: _Post, body_at: BodyAt, skew: float) -> None:
        on, body = bought.faults, _written(body_at(bought.ended_at))
        headers = signed(self.secret, body, at=time.time() + skew)
        ends = [post.until_taken(body, headers)]
        if on.webhook_double:
            ends.append(post.until_taken(body, signed(self.secret, body, at=time.time() + skew)))
        await asyncio.gather(*ends)
        for _ in range(REPLAYS if on.webhook_replayed else 0):
            await post(body, headers)
        for moment in (bought.started_at, bought.created_at) if on.webhook_reordered else ():
            earlier = _written(body_at(moment))
            await post(earlier, signed(self.secret, earlier, at=time.time() + skew))

    async def _until(self, moment: Callable[[], float]) -> None:
        while (left := moment() - self._clock()) > 0:  # noqa: ASYNC110 - whoever steps the clock says nothing
            await asyncio.sleep(min(left, LOOK_SECONDS))


class _Post:
    """Calls one address; follows no redirect."""

    def __init__(
        self, session: aiohttp.ClientSession, address: str, told: list[tuple[str, int]]
    ) -> None:
        self._session = session
        self._address = address
        self._told = told

    async def __call__(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether it was taken."""
        status = 0
        try:
            async with self._session.post(
                self._address,
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=TRY_SECONDS),
            ) as response:
                status = response.status
        except (aiohttp.ClientError, OSError):
            pass
        self._told.append((json.loads(body)["status"], status))
        return 200 <= status < 300

    async def until_taken(self, body: bytes, headers: Mapping[str, str]) -> None:
        for pause in (*RETRIES, 0.0):
            if await self(body, headers):
                return
            await asyncio.sleep(pause)


def _written(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body).encode()
