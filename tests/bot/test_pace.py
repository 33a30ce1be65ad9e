from __future__ import annotations

import asyncio

from bot.generation.pace import FRESH_MS, Paces
from tests.world import MODEL, World


async def test_however_many_ask_at_once_learn_from_one_read(world: World) -> None:
    paces = Paces(world.ledger, world.clock)

    first, *others = await asyncio.gather(*(paces.of(MODEL) for _ in range(50)))

    assert all(other is first for other in others)


async def test_a_models_past_is_read_again_once_it_is_old(world: World) -> None:
    paces = Paces(world.ledger, world.clock)
    first = await paces.of(MODEL)

    await world.env.advance_time(FRESH_MS / 1000)

    assert await paces.of(MODEL) is not first
