"""`/metrics`: what is counted, and what is looked up when it is asked for."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter as Counts
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from aiohttp import web

from bot import __version__, tally
from bot.domain.generation import Status
from bot.domain.limits import Spent, Unit
from bot.gateway.client import ImagineBot
from bot.record import Record
from bot.web.health import Health, examined

if TYPE_CHECKING:  # 18 ms that no start waits for
    from prometheus_client import CollectorRegistry, Metric
    from prometheus_client.core import HistogramMetricFamily

#: The sums of the installation's limits are read again after so long: a month has many rows.
LIMITS_FRESH_SECONDS = 60.0
#: Seconds that they may take: Prometheus itself waits for 10.
LIMITS_PATIENCE = 5.0


class Gauge(Record):
    """A number as it is now, looked up when it is asked for."""

    name: str
    about: str
    labels: tuple[str, ...] = ()
    kind: str = "gauge"


VERSION = Gauge("imagine_build_info", "Always 1; which version runs.", ("version",))
READY = Gauge("imagine_ready", "1: /readyz says 200.")
SHARDS = Gauge("imagine_shards", "Shards of this process.")
SHARDS_CONNECTED = Gauge("imagine_shards_connected", "Those whose connection is open.")
GUILDS = Gauge("imagine_guilds", "Servers that its shards are in.")
DATABASE_UP = Gauge("imagine_database_up", "1: the database answers in time.")
DATABASE_SECONDS = Gauge("imagine_database_read_seconds", "What it took for one row, just now.")
BREAKER_OPEN = Gauge("imagine_breaker_open", "1: nothing is bought; /readyz and the log say why.")
UNDER_WAY = Gauge("imagine_generations_under_way", "Generations of this process.", ("status",))
LIMIT_USED = Gauge(
    "imagine_limit_used",
    "How much of the installation's limits is used, in images or dollars.",
    ("unit", "period"),
)
LIMIT_MOST = Gauge(
    "imagine_limit_most", "Those limits; there is none without a setting.", ("unit", "period")
)
LOOKED_UP = (
    *(VERSION, READY, SHARDS, SHARDS_CONNECTED, GUILDS, DATABASE_UP, DATABASE_SECONDS),
    *(BREAKER_OPEN, UNDER_WAY, LIMIT_USED, LIMIT_MOST),
)
#: What a generation that is under way in a process may be: the others wait for a person.
_UNDER_WAY = (Status.QUEUED, Status.SUBMITTING, Status.RUNNING, Status.DELIVERING)

log = logging.getLogger(__name__)

Values = dict[Gauge, dict[tuple[str, ...], float]]


class Page:
    """The page's text. Its registry is its own, so that a test may have several."""

    def __init__(self, living: Callable[[], ImagineBot | None]) -> None:
        self._living = living
        self._registry: CollectorRegistry | None = None
        self._values: Values = {}
        self._spent: list[Spent] = []
        self._limits_until = 0.0

    async def text(self) -> bytes:
        """In Prometheus's text format, version 0.0.4."""
        from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

        if self._registry is None:
            self._registry = CollectorRegistry(auto_describe=False)
            ProcessCollector(registry=self._registry)
            self._registry.register(self)
        bot = self._living()
        health = await examined(bot)
        if bot is not None:
            _begin(model.name for model in bot.rules.offer.models)
        if bot is not None and health.database_seconds is not None:
            await self._look_at_limits(bot)
        self._values = looked_up(bot, health, self._spent)
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """As prometheus_client asks for it."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        for metric in tally.DECLARED:
            if isinstance(metric, tally.Histogram):
                yield _histogram(metric)
            elif isinstance(metric, tally.Counter):
                counter = CounterMetricFamily(metric.name, metric.about, labels=metric.labels)
                for labels, value in metric.values.items():
                    counter.add_metric(labels, value)
                yield counter
        for each in LOOKED_UP:
            gauge = GaugeMetricFamily(each.name, each.about, labels=each.labels)
            for labels, value in self._values.get(each, {}).items():
                gauge.add_metric(labels, value)
            yield gauge

    async def _look_at_limits(self, bot: ImagineBot) -> None:
        if time.monotonic() < self._limits_until:
            return
        self._limits_until = time.monotonic() + LIMITS_FRESH_SECONDS
        try:
            async with asyncio.timeout(LIMITS_PATIENCE):
                self._spent = await bot.panels.figures.installation()
        except Exception:  # the other figures are wanted all the more
            log.exception("limits not read")


def _begin(models: Iterable[str]) -> None:
    """Show these from zero on: `rate` and `increase` do not see a series' first step."""
    for model in models:
        tally.COST.add(model, by=0)
        for status in (Status.DELIVERED, Status.KEPT, Status.UNKNOWN):
            tally.GENERATIONS.add(status.value, "", model, by=0)


def _histogram(metric: tally.Histogram) -> HistogramMetricFamily:
    from prometheus_client.core import HistogramMetricFamily

    family = HistogramMetricFamily(metric.name, metric.about, labels=metric.labels)
    bounds = [*(str(float(bound)) for bound in metric.bounds), "+Inf"]
    for labels, (counts, total) in metric.values.items():
        family.add_metric(labels, list(zip(bounds, accumulate(counts), strict=True)), total)
    return family


def looked_up(bot: ImagineBot | None, health: Health, spent: Iterable[Spent]) -> Values:
    """What is not counted as it happens."""
    values: Values = {
        VERSION: {(__version__,): 1},
        READY: {(): health.is_ready},
        SHARDS: {(): health.shards},
        SHARDS_CONNECTED: {(): health.shards_connected},
        DATABASE_UP: {(): health.database_seconds is not None},
        BREAKER_OPEN: {(): health.stopped_by is not None},
    }
    if health.database_seconds is not None:
        values[DATABASE_SECONDS] = {(): health.database_seconds}
    if bot is not None:
        under_way = Counts(bot.imagine.under_way.statuses())
        values[GUILDS] = {(): len(bot.guilds)}
        values[UNDER_WAY] = {(each.value,): under_way[each] for each in _UNDER_WAY}
    for each in spent:
        labels, scale = _limit(each)
        values.setdefault(LIMIT_USED, {})[labels] = each.used / scale
        values.setdefault(LIMIT_MOST, {})[labels] = each.limit.most / scale
    return values


def _limit(spent: Spent) -> tuple[tuple[str, str], int]:
    """Its labels, and how many of its unit make one of what is shown."""
    if spent.limit.unit is Unit.MICROS:
        return ("dollars", spent.limit.period.value), 1_000_000
    return (spent.limit.unit.value, spent.limit.period.value), 1


def routes(living: Callable[[], ImagineBot | None]) -> Iterable[web.AbstractRouteDef]:
    """`/metrics`; `living`: the client that lives just now."""
    page = Page(living)

    async def metrics(_: web.Request) -> web.Response:
        from prometheus_client import CONTENT_TYPE_LATEST

        content_type = {"Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=await page.text(), headers=content_type)

    return (web.get("/metrics", metrics),)
