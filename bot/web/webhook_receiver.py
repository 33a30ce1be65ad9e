"""Where webhooks arrive: whoever signed one rightly makes the bot look, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from bot.generation.webhooks import PATH, Webhooks
from bot.replicate.webhook import told

#: Seconds that a webhook's body may take to arrive.
ARRIVAL_SECONDS = 10.0
#: Bytes from which on one is checked off the loop.
LARGE = 64 * 1024


def routes(webhooks: Webhooks, nudge: Callable[[str], bool]) -> tuple[web.RouteDef, ...]:
    """Whatever of PUBLIC_URL's own path a proxy has left before it: the last part is what counts.

    `nudge` makes a generation look at its prediction; False: it is not under way here.
    """
    if webhooks.base is None:
        return ()
    receive = Receiver(webhooks, nudge).receive
    return (web.post(f"/{{before:(?:.*/)?}}{PATH.strip('/')}/{{path:[^/]+}}", receive),)


class Receiver:
    """Answers from memory: it waits for neither the database nor the provider."""

    def __init__(self, webhooks: Webhooks, nudge: Callable[[str], bool]) -> None:
        self._webhooks = webhooks
        self._nudge = nudge

    async def receive(self, request: web.Request) -> web.Response:
        """200 for all that the provider sent, whether there is something to do or not."""
        generation_id = self._webhooks.generation(request.match_info["path"])
        if generation_id is None:
            raise web.HTTPNotFound  # in the words of every other path that is none
        try:
            async with asyncio.timeout(ARRIVAL_SECONDS):
                body = await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        ended = (
            self._ended(request, body)
            if len(body) < LARGE
            else await asyncio.to_thread(self._ended, request, body)
        )
        if ended is None:
            self._webhooks.distrust()
            raise web.HTTPUnauthorized
        self._webhooks.came()
        if ended:
            self._nudge(generation_id)
        return web.Response()

    def _ended(self, request: web.Request, body: bytes) -> bool | None:
        """Whether it says that its prediction has ended; None: it is not genuine."""
        if not self._webhooks.is_genuine(request.headers, body):
            return None
        prediction = told(body)
        return prediction is not None and prediction.status.ended
