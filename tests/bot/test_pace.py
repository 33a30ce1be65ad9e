from __future__ import annotations

import asyncio
import sqlite3

import pytest

from bot.generation.pace import FRESH_MS, Paces
from tests.broken import sqlite
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


@pytest.mark.sqlite("a file that cannot be read")
async def test_a_read_that_fails_fails_for_all_who_waited_and_is_tried_again(world: World) -> None:
    paces, database = Paces(world.ledger, world.clock), sqlite(world.database)
    await database._writer.execute_fetchall("alter table generation rename to gone")

    waiting = [paces.of(MODEL) for _ in range(5)]
    failures = await asyncio.gather(*waiting, return_exceptions=True)

    assert len({id(failure) for failure in failures}) == 1
    assert isinstance(failures[0], sqlite3.Error)
    await database._writer.execute_fetchall("alter table gone rename to generation")
    assert (await paces.of(MODEL)).usual_seconds is None


async def test_one_who_is_cancelled_keeps_nobody_from_it(world: World) -> None:
    paces = Paces(world.ledger, world.clock)
    first, second = (asyncio.create_task(paces.of(MODEL)) for _ in range(2))
    await asyncio.sleep(0)

    first.cancel()

    assert (await second).usual_seconds is None
