"""Sockets on this machine only, and not for other sites in its browsers."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

HOST = "127.0.0.1"
FIRST_PORT = 8765

_PORTS_TRIED = 20
_GOODBYE = 1.0  # seconds that open connections get at the end


def claim(port: int | None = None) -> socket.socket:
    """A listening socket on `port`, or on a free one at or after 8765.

    Raises OSError when `port` was asked for and is taken.
    """
    if port is not None:
        return socket.create_server((HOST, port))
    for candidate in range(FIRST_PORT, FIRST_PORT + _PORTS_TRIED):
        with suppress(OSError):
            return socket.create_server((HOST, candidate))
    return socket.create_server((HOST, 0))


def free_port() -> int:
    """One that nobody has just now, for a server that is to start in a moment."""
    with socket.create_server((HOST, 0)) as claimed:
        return int(claimed.getsockname()[1])


@asynccontextmanager
async def serve(app: web.Application, where: int | socket.socket = 0) -> AsyncIterator[str]:
    """Serve `app` while the context lasts, on a port (0: a free one) or a claimed socket.

    Yields its address, without a slash at the end. Raises OSError when the port is taken.
    """
    app.middlewares.insert(0, _to_ourselves)
    # No access log: paths carry interaction tokens.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GOODBYE)
    await runner.setup()
    try:
        listening = socket.create_server((HOST, where)) if isinstance(where, int) else where
        await web.SockSite(runner, listening).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@web.middleware
async def _to_ourselves(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Serve programs of this machine, and pages that it served itself.

    A browser lets any site send to 127.0.0.1, and open WebSockets there; it says which site it is.
    """
    # A foreign name that was rebound to 127.0.0.1 arrives with its own Host.
    if _name(request.host) not in (HOST, "localhost"):
        raise web.HTTPForbidden(text="The playground answers to 127.0.0.1 and localhost only.\n")
    own = f"http://{request.host}"
    if request.headers.get("Origin", own) != own:
        raise web.HTTPForbidden(text="Only the playground's own page may ask for this.\n")
    return await handler(request)


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:  # no host at all, such as half an IPv6 address
        return None
