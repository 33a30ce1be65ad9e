"""Whether the process lives, and whether it can do its work: for whoever restarts or watches it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus

from aiohttp import web

from bot.gateway.client import ImagineBot
from bot.record import Record

log = logging.getLogger(__name__)

#: Seconds in which the database answers a read by its key, or counts as down; less than what
#: Docker, Kubernetes and Prometheus wait by default for such a page (1 s at the least).
DATABASE_PATIENCE = 0.8
#: No row has this id: what is asked for is an answer.
_NO_ROW = "0-0"


class Health(Record):
    """What was found: shards of the gateway, seconds that the database took (None: no answer).

    `stopped_by`: the code of the trouble for which nothing is bought from the provider.
    """

    is_connected: bool = False
    #: What carries generations and hears nobody, or stands by: other processes know that it lives.
    stands_by: bool = False
    shards: int = 0
    shards_connected: int = 0
    database_seconds: float | None = None
    stopped_by: str | None = None

    @property
    def is_ready(self) -> bool:
        """The provider's trouble is no reason to take the bot away: it says so to whoever asks."""
        return (self.is_connected or self.stands_by) and self.database_seconds is not None

    def as_json(self) -> dict[str, object]:
        seconds = self.database_seconds
        return {
            "ready": self.is_ready,
            "gateway": {
                "connected": self.is_connected,
                "stands_by": self.stands_by,
                "shards": self.shards,
                "shards_connected": self.shards_connected,
            },
            "database": {
                "answers": seconds is not None,
                "seconds": None if seconds is None else round(seconds, 4),
            },
            "provider": {"buying": self.stopped_by is None, "stopped_by": self.stopped_by},
        }


async def examined(bot: ImagineBot | None) -> Health:
    """How it is, within a second; None: no client lives just now."""
    if bot is None:
        return Health()
    # Before the first connection it has no sockets yet to look at.
    shards = [not shard.is_closed() for shard in bot.shards.values()] if bot.is_ready() else []
    return Health(
        is_connected=any(shards) and not bot.is_closed(),
        stands_by=bot.shard_ids == [] and bot.peer.is_known,
        shards=len(shards),
        shards_connected=sum(shards),
        database_seconds=await _asked(bot),
        stopped_by=bot.budgets.breaker.reason,
    )


async def _asked(bot: ImagineBot) -> float | None:
    began = time.monotonic()
    try:
        async with asyncio.timeout(DATABASE_PATIENCE):
            await bot.imagine.find(_NO_ROW)
    except Exception as error:  # noqa: BLE001 - whatever it is, the database does not answer
        log.warning("database does not answer", extra={"reason": type(error).__name__})
        return None
    return time.monotonic() - began


def routes(living: Callable[[], ImagineBot | None]) -> Iterable[web.AbstractRouteDef]:
    """`/healthz` and `/readyz`; `living`: the client that lives just now."""

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(_: web.Request) -> web.Response:
        health = await examined(living())
        status = HTTPStatus.OK if health.is_ready else HTTPStatus.SERVICE_UNAVAILABLE
        return web.json_response(health.as_json(), status=status)

    return (web.get("/healthz", alive), web.get("/readyz", ready))
