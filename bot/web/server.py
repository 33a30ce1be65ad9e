"""What the bot answers over HTTP: to whoever watches it, and to the provider's webhooks."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiohttp import web

from bot.errors import ConfigError, Problem

log = logging.getLogger(__name__)

#: Largest body taken: a webhook repeats the prediction, its input with it, in which a picture may
#: stand as a `data:` address.
MOST_BYTES = 4 << 20


@asynccontextmanager
async def listening(
    routes: Iterable[web.AbstractRouteDef], host: str, port: int
) -> AsyncIterator[None]:
    """Answer at these routes, and nowhere else, until it is left.

    Raises ConfigError when the address is not to be had.
    """
    application = web.Application(client_max_size=MOST_BYTES)
    application.add_routes(routes)
    # The access log would hold the unguessable paths of webhooks.
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            problem = Problem(
                "WEB_PORT", "cannot be listened at", "Choose another, or stop what listens there."
            )
            raise ConfigError((problem,)) from error
        log.info("listening", extra={"host": host, "port": port})
        yield
    finally:
        await runner.cleanup()
