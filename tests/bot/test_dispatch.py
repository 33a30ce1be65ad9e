"""Giving turns: as many as there are creates, as soon as there are, whatever fails beside them."""

from __future__ import annotations

import asyncio
import math
from bisect import bisect_left
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from bot.budget import Budget, CreateBudget
from bot.domain.generation import Capacity, Generation, Status
from bot.errors import InputInvalid
from bot.generation.purchase import Budgets, Purchases
from bot.generation.turns import Turns
from bot.generation.watch import Life
from bot.request.breaker import Breaker
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from tests.broken import overheard, unreadable
from tests.clocks import settled
from tests.custody import begun
from tests.turns import PLENTY
from tests.world import Provider, SimClock, World

QUEUED = """
with recursive number (n) as (select :first union all select n + 1 from number where n < :last)
insert into generation (
    id, interaction_id, ordinal, status, owner_epoch, application_id, channel_id, user_id, token,
    token_expires_at, private, size_limit, locale, provider, model, prompt, options, created_at,
    quota, budget)
select
    'row ' || n, n, 0, 'queued', 0, 1, 1, n, 'token', 9e9, 0, 10, 'en', 'https://api.invalid',
    'owner/name', 'a red fox', '{}', n, 'reserved', 'reserved'
from number
"""


class RestlessClock(SimClock):
    """Later at every look; the dispatcher's waits pass at once, but for the last `early` of them.

    That is what a stir does: it cuts a wait short.
    """

    def __init__(self, step: int, early: int = 0) -> None:
        self.time, self._step, self._early = 1_000_000, step, early

    def now(self) -> int:
        self.time += self._step
        return self.time

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        if math.isinf(seconds):  # somebody's in the line
            await event.wait()
            return
        over = self.time + round(seconds * 1000)
        await settled()
        if not event.is_set():
            self.time = max(self.time, over - self._early)


async def _complete(row: Generation, _life: Life) -> Mapping[str, object]:
    return row.request.input


@dataclass
class Line:
    """Everything that gives turns, for real; only the provider is not."""

    database: Database
    clock: RestlessClock
    creates: CreateBudget

    def __post_init__(self) -> None:
        self.provider, self.ledger = Provider(self.clock), Ledger(self.database)
        budgets = Budgets(self.creates, Budget(60), Breaker())
        purchases = Purchases(
            self.ledger, self.provider, _complete, self.clock, budgets, timeout=60
        )
        self.turns = Turns(self.ledger, purchases, self.clock, budgets, PLENTY)

    async def queue(self, first: int, last: int) -> list[Generation]:
        async with self.database.transaction() as connection:
            await connection.fetch(QUEUED, {"first": first, "last": last})
        return await begun(self.ledger)

    async def served(self, rows: list[Generation]) -> list[int]:
        """When each of them was bought; all stand in line before the first has its turn."""
        waits = [asyncio.create_task(self._served(row)) for row in rows]
        await asyncio.gather(*waits)
        return sorted(self.provider.began.values())

    async def _served(self, row: Generation) -> None:
        life = Life(None, canceled_by_somebody=False)  # type: ignore[arg-type] # nothing is shown
        buying = await self.turns.wait(row, life, math.inf)
        assert buying is not None
        await buying

    def slow(self, milliseconds: int, row: Generation) -> AbstractAsyncContextManager[None]:
        """Meanwhile it takes so long to record an intent, and `row` is told its place then."""
        loop, told = asyncio.get_running_loop(), set[asyncio.Task[object]]()

        def tell() -> None:
            told.add(loop.create_task(self.turns.stand(row, 9.0)))

        def recording(statement: str) -> None:
            if "set status = 'submitting'" in statement:
                self.clock.time += milliseconds
                loop.call_soon_threadsafe(tell)

        return overheard(self.database, recording)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(tmp_path / "imagine.db", exclusive=True) as here:
        yield here


def most_in_a_minute(times: list[int]) -> int:
    return max(bisect_left(times, begin + 60_000) - n for n, begin in enumerate(times))


async def test_a_look_at_the_clock_that_grew_old_gives_no_create_back(database: Database) -> None:
    line = Line(database, RestlessClock(step=1), CreateBudget(60))
    rows = await line.queue(1, 90)
    async with line.slow(300, rows[-1]):
        times = await line.served(rows)

    assert len(times) == 90
    assert most_in_a_minute(times) <= 60


@pytest.mark.parametrize("early", range(4))
async def test_a_line_that_lacks_only_creates_takes_each_as_it_comes_free(
    database: Database, early: int
) -> None:
    """`early`: milliseconds before it does, something stirs the line."""
    line = Line(database, RestlessClock(step=1, early=early), CreateBudget(600))
    rows = await line.queue(1, 60)

    times = await line.served(rows)

    assert len(times) == 60
    assert times[-1] - times[0] <= 5_000  # 20 at once, then one every 105 ms
    assert max(after - before for before, after in pairwise(times)) < 1_000


async def test_who_asks_together_is_told_places_of_their_own_from_one_look(
    database: Database,
) -> None:
    line, looks = Line(database, RestlessClock(step=1), CreateBudget(600)), list[str]()
    rows = await line.queue(1, 3)
    async with overheard(database, looks.append):
        told = await asyncio.gather(*(line.turns.stand(row, None) for row in rows))

    assert [turn.position for turn, _ in told] == [1, 2, 3]
    assert len(looks) == 1


async def test_who_came_after_the_last_look_is_told_its_own_place(database: Database) -> None:
    line = Line(database, RestlessClock(step=1), CreateBudget(600))
    [first] = await line.queue(1, 1)
    await line.turns.stand(first, None)
    [_, second] = await line.queue(2, 2)

    turn, _ = await line.turns.stand(second, None)

    assert turn.position == 2


class Later(asyncio.Event):
    """Set so many seconds from now, by the world's clock."""

    def __init__(self, clock: SimClock, seconds: float) -> None:
        super().__init__()
        self._clock, self._seconds = clock, seconds

    async def wait(self) -> bool:  # type: ignore[override] # Event's says Literal[True]
        await self._clock.wait(asyncio.Event(), self._seconds)
        return True


@pytest.mark.usefixtures("env")
async def test_nothing_is_bought_while_the_models_past_cannot_be_read(world: World) -> None:
    async with unreadable(world.database, "duration_ms"):
        await world.imagine()
        await world.env.advance_time(5)
        bought = len(world.provider.inputs)
    await world.env.advance_time(60)

    assert bought == 0
    assert (await world.row()).status is Status.DELIVERED
    assert len(world.provider.inputs) == 1


@pytest.mark.usefixtures("env")
@pytest.mark.rules(capacity=Capacity(running=1))
async def test_a_turn_that_comes_after_a_failed_read_is_seen_to_its_end(world: World) -> None:
    """The read fails as it asks where it stands; the purchase begins while it recovers."""
    await world.imagine(world.bob)
    await world.imagine(world.alice)
    async with unreadable(world.database):
        await world.env.advance_time(5)
    world.provider.answers = Later(world.clock, 5)
    await world.env.advance_time(180)

    assert (await world.row()).status is Status.DELIVERED
    assert len(world.provider.inputs) == 2


async def test_who_was_dropped_in_line_leaves_the_place_to_the_rows_next_life(
    database: Database,
) -> None:
    """The database was away: another life goes on, and learns what the provider says."""
    line = Line(database, RestlessClock(step=1), CreateBudget(600))
    [row] = await line.queue(1, 1)
    dropped, next_life = (Life(None, canceled_by_somebody=False) for _ in range(2))  # type: ignore[arg-type] # nothing is shown
    waiting = asyncio.create_task(line.turns.wait(row, dropped, math.inf))
    await asyncio.sleep(0)
    waiting.cancel()
    line.provider.create_errors = [InputInvalid("no", 422)]

    async with asyncio.timeout(5):  # who is not woken waits for ever
        buying = await line.turns.wait(row, next_life, math.inf)

    assert buying is not None
    await buying
    assert isinstance(next_life.error, InputInvalid)
