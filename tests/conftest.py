"""The fixture that most tests start from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from simcord import Env

from bot.storage.database import Database
from tests.world import Provider, SimClock, World, build, rules


@pytest.fixture
async def world(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """Mark a test, or all of its module, with `rules(...)` to change this installation's rules."""
    changes: dict[str, Any] = {}
    for marker in request.node.iter_markers("rules"):  # the test's own first
        changes = marker.kwargs | changes
    mine = rules(**changes)
    clock = SimClock()
    provider = Provider(clock)
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as database:
        env = Env(build(database, provider, tmp_path, mine, clock))
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
