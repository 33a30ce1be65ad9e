"""Sockets on this machine only."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

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
    # No access log: paths carry interaction tokens.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GOODBYE)
    await runner.setup()
    try:
        listening = socket.create_server((HOST, where)) if isinstance(where, int) else where
        await web.SockSite(runner, listening).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
