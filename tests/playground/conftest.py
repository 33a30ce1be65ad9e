from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from playground.world import World
from tests.playground.place import Place, open_place


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with open_place(World.create()) as here:
        yield here
