"""`/healthz` and `/readyz`: what makes the bot unready, what does not, and how soon it is told."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from asyncio.subprocess import DEVNULL
from pathlib import Path
from typing import Any

import pytest

from bot.errors import OutOfCredit
from bot.web.health import Health, examined
from tests.bot.command import ROOT
from tests.bot.test_disk import heard
from tests.broken import sqlite
from tests.operating.watched import watched
from tests.world import World


async def test_a_process_lives_before_it_is_ready_and_then_is_both(tmp_path: Path) -> None:
    """Discord sends the servers for 2 s; until then nobody would be answered."""
    async with watched(tmp_path) as here:
        ready = heard(here.running, '"event": "ready"')

        assert await here.page("/healthz") == (200, '{"alive": true}')
        status, found = await here.ready()
        assert (status, found["ready"], found["gateway"]["connected"]) == (503, False, False)
        assert found["database"]["answers"]

        await ready.wait()
        status, found = await here.ready()
        assert status == 200
        assert found.pop("database").keys() == {"answers", "seconds"}
        assert found == {
            "ready": True,
            "gateway": {"connected": True, "stands_by": False, "shards": 1, "shards_connected": 1},
            "provider": {"buying": True, "stopped_by": None},
        }
        _, page = await here.page("/metrics")
        assert "\nimagine_ready 1.0\n" in page
        assert "\nimagine_shards_connected 1.0\n" in page


async def test_nothing_else_is_answered(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        for path in ("/", "/metrics/", "/healthz/x", "/readyz?x=1/../..", "/../bot/run.py"):
            status, text = await here.page(path)
            assert (status == 200) == path.startswith("/readyz?") or status in (404, 503), text


async def test_the_image_s_check_of_its_health_hears_a_process_that_lives(tmp_path: Path) -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    [check] = [json.loads(line.split("CMD ")[1]) for line in lines if line.startswith("    CMD [")]

    async def checked(port: str, host: str = "") -> int:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *check[1:]),
            env={"WEB_PORT": port, "WEB_HOST": host},
            stderr=DEVNULL,
        )
        return await process.wait()

    async with watched(tmp_path) as here:
        port = here.address.rpartition(":")[2]
        assert await checked(port) == 0
        assert await checked(port, "0.0.0.0") == 0
    assert await checked(port) == 1
    assert await checked("") == 0  # no port, so nobody to ask


async def test_without_a_client_it_is_not_ready() -> None:
    assert not (await examined(None)).is_ready


async def test_a_client_without_a_connection_is_not_ready(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await examined(world.bot)).is_ready
    [shard] = world.bot.shards.values()
    monkeypatch.setattr(shard._parent.ws, "open", False)

    health = await examined(world.bot)

    assert (health.is_ready, health.shards, health.shards_connected) == (False, 1, 0)


@pytest.mark.sqlite("its reader is a thread, which is frozen here")
async def test_a_database_that_does_not_answer_in_time_makes_it_unready(world: World) -> None:
    frozen = threading.Event()
    reader: Any = sqlite(world.database).reader
    waiting = asyncio.ensure_future(reader._execute(frozen.wait))
    await asyncio.sleep(0)  # so that it is the first in its thread
    try:
        health = await examined(world.bot)
    finally:
        frozen.set()
        await waiting

    assert (health.is_ready, health.is_connected, health.database_seconds) == (False, True, None)
    assert (await examined(world.bot)).is_ready  # it recovers by itself


async def test_a_provider_in_trouble_is_told_and_is_no_reason_to_be_unready(world: World) -> None:
    world.bot.budgets.breaker.refused("1-0", OutOfCredit(), world.clock.now())

    health = await examined(world.bot)

    assert health.is_ready
    assert health.as_json()["provider"] == {"buying": False, "stopped_by": "out_of_credit"}


@pytest.mark.parametrize(
    ("health", "ready"),
    [
        (Health(), False),
        (Health(is_connected=True), False),
        (Health(database_seconds=0.0), False),
        (Health(is_connected=True, database_seconds=0.0), True),
    ],
)
def test_both_the_gateway_and_the_database_are_needed(health: Health, *, ready: bool) -> None:
    assert health.is_ready is ready
    assert health.as_json()["ready"] is ready
