"""The fixture that most tests start from."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from simcord import Env

from bot.storage.database import Database
from tests.world import Provider, SimClock, World, build, rules


class Discord(Env):
    """SimCord, which by itself looks only every 50 ms for what has ended in a thread."""

    async def _settle_internal(self, *, idle: float = 0.01, **rest: Any) -> None:
        await super()._settle_internal(idle=idle, **rest)


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that has its tables and nothing else: making it takes a tenth of many a test's time."""

    async def make(path: Path) -> Path:
        async with Database.open(path, exclusive=True):
            return path

    return asyncio.run(make(tmp_path_factory.mktemp("new") / "imagine.db"))


@pytest.fixture
async def world(
    tmp_path: Path, new_database: Path, request: pytest.FixtureRequest
) -> AsyncIterator[World]:
    """Mark a test, or all of its module, with `rules(...)` to change this installation's rules."""
    changes: dict[str, Any] = {}
    for marker in request.node.iter_markers("rules"):  # the test's own first
        changes = marker.kwargs | changes
    mine = rules(**changes)
    clock = SimClock()
    provider = Provider(clock)
    path = Path(shutil.copy(new_database, tmp_path / "imagine.db"))
    async with Database.open(path, exclusive=True) as database:
        env = Discord(build(database, provider, tmp_path, mine, clock))
        clock.env = env
        await env.start()
        try:
            here = World(env, clock, provider, database, tmp_path, mine)
            here.populate()
            yield here
        finally:
            await env.shutdown()
        env._raise_errors_since(env._errors_acknowledged)


@pytest.fixture
def env(world: World) -> Env:
    """SimCord's pytest plugin looks for an Env among a test's fixtures, to select its clock."""
    return world.env
