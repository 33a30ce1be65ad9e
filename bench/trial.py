"""One bot through one scenario."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import meter, noise
from bench.contender import LIFTED, Contender
from bench.figures import Figures, Used, figures
from bench.scenario import Scenario
from bench.stage import connected
from bench.world import HOST, World

_WARM_UP_SPREAD = 5.0  # seconds over which warm-up requests arrive
_SEED = 2026  # the same durations for every bot
_LOOK_SECONDS = 0.02


async def measure(contender: Contender, scenario: Scenario) -> Figures:
    """Start the bot, put it through the scenario, stop it. Raises BenchFailed."""
    world = World(_image(scenario.image_size, scenario.media_type), scenario.media_type)
    settings = {
        **(LIFTED if scenario.lifted else {}),
        **(_reachable() if scenario.webhooks else {}),
    }
    with TemporaryDirectory(prefix="imagine-bench-") as made:
        folder = Path(made)
        async with world.serve(), connected(world, contender, folder, settings) as pid:
            used = await Trial(world, scenario, pid).run()
        records = world.records[scenario.warm_up :]
        return figures(
            scenario.name, contender.name, records, used, world, _loop_lag(folder / "bot.log")
        )


@dataclass
class Trial:
    """A load on a connected bot, whose process is `pid`."""

    world: World
    scenario: Scenario
    pid: int

    async def run(self) -> Used:
        """What the bot used for the requests that count."""
        await asyncio.sleep(self.scenario.rest)
        idle = meter.read(self.pid).rss_kib
        chance = random.Random(_SEED)
        await self._warm_up(chance)
        self._prepare()
        before, own = meter.read(self.pid), meter.read(os.getpid())
        late: list[float] = []
        async with _watching(late):
            await self._requests(chance)
            await asyncio.sleep(self.scenario.rest)
        after, own_after = meter.read(self.pid), meter.read(os.getpid())
        return Used(
            cpu_ms=after.cpu_ms - before.cpu_ms,
            world_cpu_ms=own_after.cpu_ms - own.cpu_ms,
            idle_kib=idle,
            peak_kib=after.peak_kib,
            world_late_ms=late,
        )

    async def _warm_up(self, chance: random.Random) -> None:
        """So that what learns from the past has one."""
        count = self.scenario.warm_up
        if count:
            rate = count / min(_WARM_UP_SPREAD, self.scenario.seconds)
            await self.world.dispatch(count, rate, lambda: self.scenario.duration(chance))
            await self.world.settled(0, self.scenario.drain)
            await asyncio.sleep(self.scenario.rest)

    def _prepare(self) -> None:
        """The provider as the scenario wants it, and no pause of ours for old garbage."""
        provider, scenario = self.world.provider, self.scenario
        provider.creates.calls, provider.others.calls = scenario.calls_per_minute
        if scenario.together:
            provider.together = time.monotonic() + scenario.seconds
        gc.collect()
        gc.freeze()

    async def _requests(self, chance: random.Random) -> None:
        scenario = self.scenario
        first = len(self.world.records)
        await self.world.dispatch(
            scenario.requests,
            scenario.per_second,
            lambda: 0.0 if scenario.together else scenario.duration(chance),
        )
        await self.world.settled(first, scenario.drain)


def _reachable() -> dict[str, str]:
    """Settings of a bot that webhooks reach."""
    with socket.create_server((HOST, 0)) as claimed:
        port = claimed.getsockname()[1]
    address = f"http://{HOST}:{port}"
    return {"WEB_PORT": str(port), "PUBLIC_URL": address, "REPLICATE_HAS_WEBHOOKS": "yes"}


@asynccontextmanager
async def _watching(late: list[float]) -> AsyncIterator[None]:
    """Write down, in ms, how late this loop wakes up meanwhile."""

    async def look() -> None:
        while True:
            due = time.monotonic() + _LOOK_SECONDS
            await asyncio.sleep(_LOOK_SECONDS)
            late.append((time.monotonic() - due) * 1000)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()


@cache
def _image(size: int, media_type: str) -> bytes:
    return noise.png(size) if media_type == "image/png" else noise.jpeg(size)


def _loop_lag(log: Path) -> float | None:
    """The p99 of its loop's lag in ms, if the bot has said it (when it stopped)."""
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("{") and '"loop_lag_p99_ms"' in line:
            return float(json.loads(line)["loop_lag_p99_ms"])
    return None
