"""How long a bot takes from nothing to its first answer."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
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
    return [
        start for seconds in DISCORD_SECONDS for start in await _measure_starts(contenders, seconds)
    ]


async def _measure_starts(contenders: Sequence[Contender], seconds: float) -> list[Start]:
    # One world for all: our bot pushes its commands again to an address that is new to it.
    world = World(noise.jpeg(_IMAGE_SIZE), "image/jpeg", seconds)
    times: dict[str, list[tuple[float, float]]] = {one.name: [] for one in contenders}
    with ExitStack() as stack:
        folders = [_folder(stack) for _ in contenders]
        async with world.serve():
            for _ in range(1 + STARTS):
                for contender, folder in zip(contenders, folders, strict=True):
                    times[contender.name].append(await _start(world, contender, folder))
    return [_median(name, found, seconds) for name, found in times.items()]


def _folder(stack: ExitStack) -> Path:
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


def _median(name: str, found: Sequence[tuple[float, float]], seconds: float) -> Start:
    return Start(
        name,
        first_ms=found[0][1],
        identified_ms=statistics.median(identified for identified, _ in found[1:]),
        answered_ms=statistics.median(answered for _, answered in found[1:]),
        discord_ms=seconds * 1000,
    )
