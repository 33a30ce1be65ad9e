"""How long a bot takes from nothing to its first answer."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import noise
from bench.contender import LIFTED, Contender
from bench.stage import BenchFailed, connected
from bench.world import World

STARTS = 9
"""Starts of each bot, taking turns."""

DISCORD_SECONDS = (0.0, 0.1)
"""How long Discord takes for an answer: no time, so that only the bot's own counts; some."""

_IMAGE_SIZE = 200_000  # bytes
_DRAIN = 10.0  # seconds for the one image that was asked for


@dataclass(frozen=True)
class Start:
    """One bot's starts, in ms from the start of its process; Discord answers after `discord_ms`.

    `first_ms` is the first one ever, without any data; the others, whose medians these are, find
    the data of the one before.
    """

    bot: str
    first_ms: float
    identified_ms: float
    answered_ms: float
    discord_ms: float = 0.0


async def measure_starts(contenders: Sequence[Contender]) -> list[Start]:
    """Start each bot once, then all of them by turns. Raises BenchFailed."""
    image = noise.jpeg(_IMAGE_SIZE)
    async with AsyncExitStack() as stack:
        series: list[_Series] = []
        for seconds in DISCORD_SECONDS:
            # One world for all: our bot pushes its commands again to an address that is new to it.
            world = World(image, "image/jpeg", seconds)
            await stack.enter_async_context(world.serve())
            series += [_Series(world, seconds, one, _folder(stack)) for one in contenders]
        for _ in range(1 + STARTS):
            for each in series:
                each.times.append(await _start(each.world, each.contender, each.folder))
    return [_median(each) for each in series]


@dataclass
class _Series:
    """One bot's starts in one world: until identified and until answered, in ms."""

    world: World
    seconds: float
    contender: Contender
    folder: Path
    times: list[tuple[float, float]] = field(default_factory=list)


def _folder(stack: AsyncExitStack) -> Path:
    return Path(stack.enter_context(TemporaryDirectory(prefix="imagine-bench-")))


async def _start(world: World, contender: Contender, folder: Path) -> tuple[float, float]:
    began = time.monotonic()
    async with connected(world, contender, folder, LIFTED):
        identified = time.monotonic()
        record = await world.ask(seconds=0.0)
        await world.settled(record.number, _DRAIN)  # or its next start would find it unfinished
    if record.acknowledged_at is None:
        raise BenchFailed(f"{contender.name} is connected, but does not answer.")
    return (identified - began) * 1000, (record.acknowledged_at - began) * 1000


def _median(series: _Series) -> Start:
    first, *others = series.times
    return Start(
        series.contender.name,
        first_ms=first[1],
        identified_ms=statistics.median(identified for identified, _ in others),
        answered_ms=statistics.median(answered for _, answered in others),
        discord_ms=series.seconds * 1000,
    )
