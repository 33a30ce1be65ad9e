"""Downloads of finished images: without any credential, and never from inside our network."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from urllib.parse import unquote_to_bytes

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.errors import ProviderTrouble
from bot.replicate.addresses import (
    AddressRefused,
    PublicResolver,
    is_literal,
    is_public,
    leads_inside,
)

#: Bytes. A 4096 x 4096 PNG of pure noise, the worst that image models make, has 48 MiB.
SIZE_LIMIT = 64 * 1024 * 1024
#: Redirects followed. Storage services use one or two.
REDIRECT_LIMIT = 5
#: Seconds: total for a slow line (64 MiB at 5 Mbit/s), to connect, and of silence between chunks.
TIMEOUT = aiohttp.ClientTimeout(total=120, connect=10, sock_read=30)

_REDIRECTS = (301, 302, 303, 307, 308)
# Asking for no compression makes Content-Length the image's own size.
_HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity"}


class OutputFetcher:
    """Fetches outputs. `public` reaches the public internet only; `inside` reaches anything.

    `inside` serves one origin: the one that the provider itself named for the output, and only if
    the operator's own API base is on a private address (a gateway at home, the playground). A
    redirect from there to another origin is back to `public`.
    """

    def __init__(
        self,
        public: aiohttp.ClientSession,
        inside: aiohttp.ClientSession,
        resolver: AbstractResolver,
        *,
        base_url: str,
    ) -> None:
        self._public = public
        self._inside = inside
        self._resolver = resolver
        self._base_host = URL(base_url).host or ""

    @classmethod
    @asynccontextmanager
    async def open(
        cls, base_url: str, *, resolver: AbstractResolver | None = None
    ) -> AsyncIterator[OutputFetcher]:
        """A fetcher with sessions of its own; `resolver` answers for DNS (default: the system)."""
        resolver = resolver or aiohttp.DefaultResolver()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(resolver.close)
            public = await stack.enter_async_context(_session(PublicResolver(resolver)))
            inside = await stack.enter_async_context(_session(resolver))
            yield cls(public, inside, resolver, base_url=base_url)

    async def fetch(self, url: str) -> AsyncGenerator[bytes, None]:
        """What is at `url` (`http`, `https` or `data:`), in pieces; at most `SIZE_LIMIT` in all.

        Raises `ProviderTrouble` for everything else: a private address, a status other than 200,
        a body that is empty, too large or cut short, silence.
        """
        size = 0
        pieces = _decoded(url) if url[:5].lower() == "data:" else self._downloaded(_address(url))
        async with aclosing(pieces):
            async for piece in pieces:
                size += len(piece)
                if size > SIZE_LIMIT:
                    raise ProviderTrouble("The output is too large.")
                yield piece
        if not size:
            raise ProviderTrouble("The output is empty.")

    async def _downloaded(self, url: URL) -> AsyncGenerator[bytes, None]:
        try:
            async with self._followed(url) as response:
                async for chunk in response.content.iter_any():
                    yield chunk
        except (aiohttp.ClientError, TimeoutError, ValueError) as exc:
            raise ProviderTrouble(_reason(exc)) from exc

    @asynccontextmanager
    async def _followed(self, url: URL) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer at the end of the redirects."""
        own = url.origin() if await leads_inside(self._base_host, self._resolver) else None
        for _ in range(REDIRECT_LIMIT + 1):
            async with self._get(url, inside=url.origin() == own) as response:
                if response.status not in _REDIRECTS:
                    _check(response)
                    yield response
                    return
                url = _address(response.headers.get("Location", ""), url)
        raise ProviderTrouble("The output redirects too often.")

    def _get(
        self, url: URL, *, inside: bool
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        session = self._inside if inside else self._public
        host = url.host or ""
        if not inside and is_literal(host) and not is_public(host):
            raise ProviderTrouble("The output is at a private address.")
        return session.get(url, allow_redirects=False, headers=_HEADERS)


async def _decoded(uri: str) -> AsyncGenerator[bytes, None]:
    yield await asyncio.to_thread(decode, uri)


def decode(uri: str) -> bytes:
    """The content of a `data:` URI, base64 or percent-encoded, at most `SIZE_LIMIT` bytes.

    Raises `ProviderTrouble` if it is malformed or too large; the size is known before decoding.
    """
    head, comma, payload = uri.partition(",")
    if not comma:
        raise ProviderTrouble("The output is not a data: URI.")
    in_base64 = head.lower().endswith(";base64")
    if len(payload) > (SIZE_LIMIT * 4 // 3 + 4 if in_base64 else SIZE_LIMIT):
        raise ProviderTrouble("The output is too large.")
    content = unquote_to_bytes(payload)
    if not in_base64:
        return content
    digits = re.sub(rb"[\s=]+", b"", content).translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(digits + b"=" * (-len(digits) % 4), validate=True)
    except ValueError as exc:
        raise ProviderTrouble("The output is not valid base64.") from exc


def _session(resolver: AbstractResolver) -> aiohttp.ClientSession:
    # No proxy and no .netrc from the environment (trust_env), no cookies: nothing that could
    # identify us to a host that a response named.
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=TIMEOUT,
        trust_env=False,
    )


def _address(text: str, base: URL | None = None) -> URL:
    """`text` as an absolute address without the user name and password that it may carry."""
    try:
        url = base.join(URL(text)) if base else URL(text)
        if text and url.scheme in ("http", "https") and url.host:
            return url.with_user(None)
    except ValueError as exc:
        raise ProviderTrouble("The output's address cannot be read.") from exc
    raise ProviderTrouble("The output's address is not http, https or data:.")


def _check(response: aiohttp.ClientResponse) -> None:
    if response.status != 200:
        raise ProviderTrouble("The output could not be fetched.", response.status)
    if (response.content_length or 0) > SIZE_LIMIT:
        raise ProviderTrouble("The output is too large.")


def _reason(exc: Exception) -> str:
    """What happened, without the address: signed addresses are secrets of their own."""
    if isinstance(exc.__cause__, AddressRefused):
        return "The output is at a private address."
    return f"The output could not be fetched: {type(exc).__name__}."
