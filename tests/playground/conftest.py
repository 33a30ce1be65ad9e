from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from playground.world import World
from tests.playground.place import Place, open_place
from tests.playground.puppet import Puppet
from tests.playground.shop import Shop, open_shop


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with open_place(World.create()) as here:
        yield here


@pytest.fixture
def world() -> World:
    return World.create(acknowledge_within=0.01)


@pytest.fixture
def bot(world: World) -> Puppet:
    return Puppet(world)


@pytest.fixture
def channel(world: World) -> str:
    return world.channels[0]["id"]


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as here:
        yield here
