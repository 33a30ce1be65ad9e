"""Several processes on one PostgreSQL database: whose what is, and what they have in common."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count

import pytest

from bot.budget import Budget, CreateBudget
from bot.domain.generation import Capacity, Generation, Status
from bot.errors import StorageError
from bot.generation.purchase import Budgets
from bot.request.breaker import Breaker
from bot.settings.address import Server
from bot.storage import liveness, peer
from bot.storage.custody import SLOT, SUCCESSOR
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.liveness import Liveness
from bot.storage.peer import Peer
from tests.engines import Postgres
from tests.turns import PLENTY

QUEUED = """
insert into generation (
    id, interaction_id, ordinal, status, owner_epoch, application_id, channel_id, user_id, token,
    token_expires_at, private, size_limit, locale, provider, model, prompt, options, created_at,
    quota, budget)
select
    'row ' || n, n, 0, 'queued', 0, 1, 1, n, 'token', 9e9, 0, 10, 'en', 'https://api.invalid',
    'owner/name', 'a red fox', '{}', n, 'reserved', 'reserved'
from generate_series(:first, :last) as number (n)
"""
SILENT_SECONDS = 2
_NUMBERS = count(1)


@dataclass
class Process:
    """What one has: a ledger and a life, with what it heard of others."""

    ledger: Ledger
    liveness: Liveness
    heard: list[str] = field(default_factory=list)
    creates: CreateBudget = field(default_factory=lambda: CreateBudget(60))

    async def enter(self) -> None:
        await self.liveness.open(self.ledger.custody.enter)

    async def claim(self) -> list[str]:
        return [row.id for row in await self.ledger.custody.claim()]

    async def dispatch(self, now: int, capacity: Capacity = PLENTY) -> list[Generation]:
        """As many as there is room for, of all that are its own."""
        waiting = await self.ledger.custody.held()
        room = self.creates.room(now)
        return await self.ledger.dispatch(
            list(waiting), now=now, creates=room, capacity=capacity, shared=self.creates
        )


class Several:
    """Makes processes, and what they may have."""

    def __init__(self, address: Server, stack: AsyncExitStack) -> None:
        self.address = address
        self._stack = stack

    async def process(self) -> Process:
        opened = Database.open(self.address, exclusive=True)
        self.database = await self._stack.enter_async_context(opened)
        heard: list[str] = []
        here = Process(Ledger(self.database), Liveness(self.address, heard.append), heard)
        self._stack.push_async_callback(here.liveness.close)
        await here.enter()
        return here

    async def queue(self, last: int, first: int = 1) -> None:
        async with self.database.transaction() as connection:
            await connection.fetch(QUEUED, {"first": first, "last": last})


@pytest.fixture
async def several(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Several]:
    monkeypatch.setattr(liveness, "SILENT_SECONDS", SILENT_SECONDS)
    monkeypatch.setattr(liveness, "BEAT_SECONDS", SILENT_SECONDS / 5)
    monkeypatch.setattr(liveness, "MARGIN_SECONDS", SILENT_SECONDS / 5)
    address = await postgres.new(f"several{next(_NUMBERS)}")
    async with AsyncExitStack() as stack:
        yield Several(address, stack)


async def test_what_a_living_process_has_nobody_else_claims(several: Several) -> None:
    one, other = await several.process(), await several.process()
    await several.queue(3)

    assert await one.claim() == ["row 1", "row 2", "row 3"]
    assert not await other.ledger.custody.claimable()
    assert await other.claim() == []
    assert await one.ledger.custody.living() == 2


async def test_who_comes_back_after_a_failover_buys_nothing_that_waited(several: Several) -> None:
    """The standby may lack the last commits: what waits there may have been bought since."""
    one, other = await several.process(), await several.process()
    await several.queue(1)
    async with several.database.transaction() as connection:  # as on another timeline
        await connection.fetch("update fact set value = 'there' where name = 'home'", {})

    await one.enter()

    [row] = await one.ledger.custody.claim()
    assert row.status is Status.SUBMITTING
    await several.queue(2, first=2)
    await other.enter()
    assert [row.status for row in await other.ledger.custody.claim()] == [Status.QUEUED]


async def test_many_that_claim_at_once_get_each_row_once(several: Several) -> None:
    processes = [await several.process() for _ in range(4)]
    await several.queue(50)
    claimed = await asyncio.gather(*(each.claim() for each in processes))

    assert sorted(id for ids in claimed for id in ids) == sorted(f"row {n}" for n in range(1, 51))


async def test_what_a_process_had_is_anybodys_once_it_is_gone(several: Several) -> None:
    one, other = await several.process(), await several.process()
    await several.queue(1)
    await one.claim()
    await one.liveness.close()

    assert await other.ledger.custody.claimable()
    assert await other.claim() == ["row 1"]
    assert await other.ledger.custody.living() == 1


async def test_who_lost_a_row_changes_nothing_of_it_any_more(several: Several) -> None:
    one, other = await several.process(), await several.process()
    await several.queue(1)
    await one.claim()
    [row] = await one.dispatch(1_000_000)
    await one.liveness.close()
    await other.claim()

    assert await one.ledger.requeue(row, not_before=1) is None
    assert await one.ledger.finish(row, Status.FAILED, now=2, bought=False) is None
    await one.ledger.told(row)
    await one.ledger.custody.release([row])
    found = await other.ledger.find(row.id)
    assert found is not None
    assert (found.status, found.owner_epoch) == (Status.SUBMITTING, other.ledger.custody.epoch)
    assert found.request.token


async def test_the_answer_to_a_purchase_is_recorded_whoever_has_the_row_by_now(
    several: Several,
) -> None:
    """Nobody else knows the prediction's id; but it stays theirs, and is recorded once."""
    one, other = await several.process(), await several.process()
    await several.queue(1)
    await one.claim()
    [row] = await one.dispatch(1_000_000)
    await one.liveness.close()
    await other.claim()
    attached = await one.ledger.attach(row, "p")

    assert attached is not None
    assert (attached.status, attached.prediction_id) == (Status.RUNNING, "p")
    assert attached.owner_epoch == other.ledger.custody.epoch
    assert await one.ledger.attach(row, "q") is None


async def test_what_was_handed_over_is_anybodys_with_where_its_reply_is(several: Several) -> None:
    one, other = await several.process(), await several.process()
    await several.queue(1)
    [row] = await one.ledger.custody.claim()
    await one.ledger.custody.release([row])

    assert await other.claim() == ["row 1"]
    assert await one.claim() == []


async def test_the_rows_of_a_request_are_taken_over_together_however_much_a_process_left(
    several: Several,
) -> None:
    one, other = await several.process(), await several.process()
    await several.queue(203)
    together = "update generation set interaction_id = 200, ordinal = interaction_id - 200 "
    await several.database.write(f"{together} where interaction_id > 199", {})

    claimed = [await one.claim(), await other.claim()]

    assert [len(ids) for ids in claimed] == [203, 0]


async def test_the_rows_of_a_request_are_handed_over_together(several: Several) -> None:
    """Two who had some of them each would edit its one reply against one another."""
    one, other = await several.process(), await several.process()
    await several.queue(4)
    rows = await one.ledger.custody.claim()
    handing_over = asyncio.create_task(one.ledger.custody.release(rows))
    claimed: list[list[str]] = []
    while not claimed or not handing_over.done():
        claimed.append(await other.claim())
    claimed.append(await other.claim())

    assert [len(ids) for ids in claimed if ids] == [4]


async def test_a_process_that_says_nothing_is_dropped_and_knows_it_when_it_wakes(
    several: Several,
) -> None:
    """Its clock goes on: before it hears of it, it buys nothing any more."""
    one, other = await several.process(), await several.process()
    await several.queue(1)
    await one.claim()
    assert one.liveness._beating is not None
    one.liveness._beating.cancel()
    async with asyncio.timeout(20):
        while not await other.claim():  # noqa: ASYNC110 - the server says nothing of it
            await asyncio.sleep(0.05)
        fresh = one.liveness.is_fresh
        await one.liveness.lost.wait()
    await one.enter()

    assert (fresh, one.liveness.is_fresh) == (False, True)
    assert await other.ledger.custody.living() == 2
    assert await one.claim() == []


async def test_a_blocked_loop_is_known_for_dead_by_itself_as_soon_as_it_goes_on(
    several: Several,
) -> None:
    """The server's farewell has come while nobody listened: asyncpg takes it for its own fault."""
    one = await several.process()
    time.sleep(SILENT_SECONDS + 1)  # noqa: ASYNC251 - the blocked loop is what this is about

    assert not one.liveness.is_fresh
    async with asyncio.timeout(20):
        await one.liveness.lost.wait()
    with pytest.raises(StorageError):
        await one.liveness.lock(SLOT)


async def test_locks_are_had_by_one_and_end_with_its_life(several: Several) -> None:
    one, other = await several.process(), await several.process()

    assert await one.liveness.lock(SLOT, 1)
    assert await one.liveness.lock(SLOT, 1)
    assert not await other.liveness.lock(SLOT, 1)
    assert await other.liveness.lock(SLOT, 2)
    assert await other.liveness.lock(SUCCESSOR, 1)
    epochs = one.ledger.custody.epoch, other.ledger.custody.epoch
    assert await one.liveness.holders(SLOT) == {1: epochs[0], 2: epochs[1]}

    await one.liveness.unlock(SLOT, 1)
    assert await other.liveness.lock(SLOT, 1)
    await other.liveness.close()
    assert await one.liveness.lock(SLOT, 2)
    assert await one.liveness.holders(SLOT) == {2: epochs[0]}


async def test_a_hint_reaches_all_the_others_and_not_oneself(several: Several) -> None:
    one, other = await several.process(), await several.process()
    one.liveness.tell("waiting")
    async with asyncio.timeout(20):
        while not other.heard:  # noqa: ASYNC110 - it sets nothing
            await asyncio.sleep(0.02)

    assert (one.heard, other.heard) == ([], ["waiting"])


async def test_an_interaction_is_answered_by_one_of_those_that_hear_it(several: Several) -> None:
    processes = [await several.process() for _ in range(3)]
    answers = await asyncio.gather(
        *(each.ledger.custody.answers(7, now=1) for each in processes for _ in range(2))
    )

    assert sum(answers) == 1


async def test_who_cannot_ask_the_database_in_time_answers_all_the_same(
    several: Several, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else nobody would, within Discord's three seconds."""
    monkeypatch.setattr(peer, "CLAIM_SECONDS", 0.1)
    process = await several.process()
    here = Peer(process.ledger.custody)
    here.liveness = process.liveness
    async with several.database.transaction():  # somebody else's, and slow
        assert await here.answers(1, now=0)


async def test_two_processes_together_create_no_more_than_the_budget_in_any_minute(
    several: Several,
) -> None:
    one, other = await several.process(), await several.process()
    await several.queue(150)
    await one.claim()
    await several.queue(300, first=151)
    await other.claim()
    times: list[int] = []
    for now in range(1_000_000, 1_180_000, 1_000):
        for each in (one, other):
            times += [now] * len(await each.dispatch(now))

    windows = [sum(begin <= at < begin + 60_000 for at in times) for begin in times]
    assert max(windows) <= 60
    assert len(times) >= 150  # and nearly all of it is used


async def test_what_one_was_refused_slows_the_other_down(several: Several) -> None:
    one, other = await several.process(), await several.process()
    await several.queue(10)
    await other.ledger.custody.claim()
    now = 1_000_000
    async with one.ledger.creates.of_all(one.creates):
        one.creates.refused(now, sent_at=now, wait_ms=5_000, per_minute=6)

    assert await other.dispatch(now + 1_000) == []
    assert other.creates.per_minute == 6
    assert len(await other.dispatch(now + 6_000)) == 1


async def test_what_one_takes_for_an_improved_prompt_is_taken_for_all(several: Several) -> None:
    one, other = await several.process(), await several.process()
    await several.queue(1)
    await other.ledger.custody.claim()
    peer, now = Peer(one.ledger.custody), 1_000_000
    peer.liveness = one.liveness
    budgets = Budgets(CreateBudget(6), Budget(60), Breaker(), peer=peer)
    async with budgets.creates_of_all(one.ledger.creates) as creates:
        assert creates.take(now) == 0
    other.creates = CreateBudget(6)

    assert await other.dispatch(now) == []
    assert len(await other.dispatch(now + 11_000)) == 1


async def test_no_more_run_than_may_in_all_processes(several: Several) -> None:
    processes = [await several.process() for _ in range(3)]
    for number, each in enumerate(processes):
        await several.queue(10 * (number + 1), first=10 * number + 1)
        await each.claim()
    places = Capacity(running=7, waiting=500, user_running=50, user_waiting=500)
    for each in processes:
        each.creates = CreateBudget(60_000)
    found = await asyncio.gather(*(each.dispatch(1_000_000, places) for each in processes))

    assert sum(map(len, found)) == 7
