"""What a start does not wait for: looked up in a process of its own, that answers a command."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from bench import noise
from bench.contender import LIFTED, Contender
from bench.discord import Rest
from bench.stage import BenchFailed, connected
from bench.world import World

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="it is stopped by a signal"
)

#: Each module on a line of its own, in the order in which they are loaded.
BOT = Contender("ours", ("-X", "importtime", "-m", "bot", "run"))
_LOADED = re.compile(r"^import time: +\d+ \| +\d+ \| *(\S+)$")

#: What draws, reads `.env`, talks to a terminal or listens; what other zones, patterns and
#: webhooks need; panels and what only they need.
UNNEEDED = (
    *("matplotlib", "numpy", "PIL", "rich", "typer", "dotenv", "aiohttp.web", "zipfile", "csv"),
    *("zoneinfo", "sysconfig", "re2", "standardwebhooks", "difflib"),
    "bot.replicate.schema",
    *(
        "bot.pictures.canvas",
        "bot.panels.chart",
        "bot.panels.export",
        "bot.pictures.images",
        "bot.web.server",
        "bot.panels.usage",
        "bot.cli.commands",
    ),
    *(
        "bot.views.settings",
        "bot.views.history",
        "bot.views.preferences",
        "bot.panels.settings_forms",
    ),
)
#: The first and the last of those that a process loads when it has time.
PANELS = {"bot.panels.settings", "bot.panels.improve"}
#: Of our own, with some room: 242 when this was written, each package counting as one, too. Each
#: costs about half a millisecond.
MOST_MODULES = 246


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World(noise.jpeg(60_000), "image/jpeg")
    async with world.serve():
        yield world


def loaded(lines: Iterable[str]) -> list[str]:
    return [found[1] for found in map(_LOADED.match, lines) if found]


async def test_the_first_answer_waits_for_nothing_that_it_does_not_need(
    world: World, tmp_path: Path
) -> None:
    async with connected(world, BOT, tmp_path, LIFTED):
        record = await world.ask(seconds=0.0)
        await world.settled(record.number, 10.0)
    lines = (tmp_path / "bot.log").read_text().splitlines()
    # It has been answered by then, and what delivers the image is loaded afterwards.
    bought = next(n for n, line in enumerate(lines) if event(line) == "prediction created")
    before = loaded(lines[:bought])
    assert "bot.panels.asking" in before
    assert sorted({*UNNEEDED} & {*before}) == []
    assert [name for name in before if name in PANELS] == []
    ours = [name for name in before if name.partition(".")[0] in ("bot", "cogs")]
    assert len(ours) <= MOST_MODULES


def event(line: str) -> str:
    return str(json.loads(line)["event"]) if line.startswith("{") else ""


async def test_panels_are_there_soon_after_the_start(world: World, tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    async with connected(world, BOT, tmp_path, LIFTED), asyncio.timeout(20):
        while not PANELS.issubset(loaded(log.read_text().splitlines())):  # noqa: ASYNC110 - in another process
            await asyncio.sleep(0.1)


async def test_the_gateway_is_asked_for_beside_the_login(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trip over the network less until the first answer."""
    asked, beside, answer = asyncio.Event(), list[bool](), Rest.answer

    async def held(rest: Rest, request: web.BaseRequest, path: list[str]) -> web.Response:
        if path == ["gateway", "bot"]:
            asked.set()
        if path == ["users", "@me"]:
            with suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), 3)
            beside.append(asked.is_set())
        return await answer(rest, request, path)

    monkeypatch.setattr(Rest, "answer", held)
    async with connected(world, BOT, tmp_path, LIFTED):
        record = await world.ask(seconds=0.0)
        await world.settled(record.number, 10.0)
    assert beside == [True]
    assert record.settled


async def test_a_discord_that_names_no_gateway_ends_the_start_with_a_sentence(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Rest.answer

    async def refused(rest: Rest, request: web.BaseRequest, path: list[str]) -> web.Response:
        return await answer(rest, request, ["nowhere"] if path == ["gateway", "bot"] else path)

    monkeypatch.setattr(Rest, "answer", refused)
    with pytest.raises(BenchFailed, match="Discord does not let the bot start: The gateway"):
        async with connected(world, replace(BOT, program=("-m", "bot", "run")), tmp_path, LIFTED):
            pass
