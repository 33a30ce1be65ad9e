"""The fixture that most tests start from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from simcord import Env

from tests.world import World, open_world


@pytest.fixture
async def world(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """Mark a test, or all of its module, with `rules(...)` to change this installation's rules."""
    changes: dict[str, Any] = {}
    for marker in request.node.iter_markers("rules"):  # the test's own first
        changes = marker.kwargs | changes
    async with open_world(tmp_path, **changes) as here:
        yield here


@pytest.fixture
def env(world: World) -> Env:
    """SimCord's pytest plugin looks for an Env among a test's fixtures, to select its clock."""
    return world.env
