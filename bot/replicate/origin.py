"""The one origin that ever sees the API token: a call out, an answer back."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Mapping

import aiohttp
from yarl import URL

from bot.budget import Turnstile
from bot.errors import CreateUnknown, ProviderTrouble
from bot.log import SHORTEST_SECRET
from bot.record import Hidden, Record
from bot.replicate.body import loads

#: Seconds that a call may take. Creates answer at once, since nothing asks them to wait; whoever
#: looks up an unanswered create must first wait this long.
CALL_TIMEOUT_SECONDS = 60.0
#: Seconds to obtain a connection, TLS included. Far below the total, so that running out of it
#: always shows as a connection timeout: nothing was sent yet.
CONNECT_TIMEOUT_SECONDS = 10.0
#: Seconds of silence in a create, as in Replicate's own client; and seconds for any other call in
#: all, which may be asked again.
READ_TIMEOUT_SECONDS = 30.0
#: Seconds that a connection may have been idle and still carry a create: a server that closes it
#: at the same moment would leave us not knowing whether the create arrived.
IDLE_LIMIT_SECONDS = 5.0
#: Bytes of an answer. An inline image (`data:`, base64) of 16 MiB fits; larger ones come as URLs.
BODY_LIMIT = 24 * 1024 * 1024
#: Bytes from which on an answer is decoded off the loop: 21 MiB were measured at 75 ms.
LARGE_BODY = 1024 * 1024
#: Bytes of a refusal: many times the longest one recorded.
REFUSAL_LIMIT = 64 * 1024

_TIMEOUT = aiohttp.ClientTimeout(
    total=CALL_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS, sock_read=READ_TIMEOUT_SECONDS
)
_TIMEOUT_OF_READS = aiohttp.ClientTimeout(
    total=READ_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS
)
# Failures before a byte of the request was written: no name, no route, no TLS, no connection.
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
_FAILURES = (aiohttp.ClientError, OSError, ValueError)  # TimeoutError is an OSError


class Answer(Record):
    """What came back: the status, the text (bounded), its JSON (None: it is not), the headers."""

    status: int
    text: Hidden[str]
    body: Hidden[object]
    headers: Mapping[str, str]

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300


def open_session() -> aiohttp.ClientSession:
    """A session fit for an `Origin`: no cookies, no credentials, no connection idle for long."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(keepalive_timeout=IDLE_LIMIT_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )


class Origin:
    """Builds every address from the configured base and adds the token to each call.

    The session itself carries no credential. `repr` shows the address only.
    """

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, token: str, requests: Turnstile
    ) -> None:
        """`requests` paces every call that buys nothing; creates have a budget of their own."""
        self._session = session
        self._requests = requests
        self._base = str(URL(base_url)).rstrip("/")
        self._token = token

    def __repr__(self) -> str:
        return f"Origin({self._base!r})"

    async def call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: object = None,
        form: aiohttp.FormData | None = None,
        buys: bool = False,
    ) -> Answer:
        """One request, of JSON `content` or a `form`; follows no redirect, sends a POST once.

        aiohttp sends a request again by itself when a kept connection turns out to be closed, but
        only for `aiohttp.client.IDEMPOTENT_METHODS`, which has no POST (read in 3.14.5; a test
        closes a kept connection under a create and counts what arrives).

        Raises `ProviderTrouble` without an answer; `CreateUnknown` if the call `buys` and may have
        been written.
        """
        if not buys:
            await self._requests.turn()
        try:
            async with self._session.request(
                method,
                URL(self._base + path, encoded=True),
                data=form if content is None else _written(content),
                headers={**_kind(content), **(headers or {}), **self._credential},
                allow_redirects=False,
                timeout=_TIMEOUT if buys or form is not None else _TIMEOUT_OF_READS,
            ) as response:
                return await self._answer(response)
        except _FAILURES as exc:
            words = f"No answer from the provider: {type(exc).__name__}."
            unknown = buys and not isinstance(exc, _NOT_SENT)
        # Raised out here on purpose: an aiohttp error in the chain would carry our headers along.
        raise CreateUnknown(words) if unknown else ProviderTrouble(words)

    @property
    def _credential(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    async def _answer(self, response: aiohttp.ClientResponse) -> Answer:
        content = await _read(response)
        if len(content) < LARGE_BODY:
            text, body = self._decoded(content)
        else:
            text, body = await asyncio.to_thread(self._decoded, content)
        return Answer(response.status, text, body, response.headers)

    def _decoded(self, content: bytes) -> tuple[str, object]:
        """Some providers quote the token that they refuse, and words end up in logs."""
        text = content.decode("utf-8", "replace")
        if len(self._token) >= SHORTEST_SECRET:
            text = text.replace(self._token, "[token]")
        return text, loads(text)


def _kind(content: object) -> dict[str, str]:
    """A form says its own, with the boundary of its parts."""
    return {} if content is None else {"Content-Type": "application/json"}


def _written(content: object) -> bytes | io.BytesIO:
    """As JSON; aiohttp writes a large body in pieces if it reads it like a file.

    4 MiB, the largest picture sent in an input, took 22 ms, in which C holds Python's lock.
    """
    body = json.dumps(content).encode()
    return body if len(body) < LARGE_BODY else io.BytesIO(body)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body up to its limit.

    A body that is cut off ends here too, since the status is known by now and must not be lost to
    a broken line; whether what arrived makes sense, the JSON reader decides.
    """
    limit = BODY_LIMIT if response.ok else REFUSAL_LIMIT
    content = bytearray()
    try:
        async for chunk in response.content.iter_any():
            content += chunk
            if len(content) > limit:
                response.close()
                break
    except (aiohttp.ClientError, OSError):
        pass
    return bytes(content[:limit])
