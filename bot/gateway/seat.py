"""Which shards a gateway hears: one fixed slot, since discord.py cannot change them at run time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import discord

from bot.chat.shards import of_slot
from bot.errors import ConfigError, Problem, StorageError
from bot.record import Record, State
from bot.storage.custody import SLOT, SUCCESSOR, TURN
from bot.storage.facts import Facts
from bot.storage.peer import Liveness, Peer, Topic

log = logging.getLogger(__name__)

#: A standby looks for a free slot this often.
LOOK_SECONDS = 1.0
#: Discord takes one identify of a bucket in so long.
IDENTIFY_SECONDS = 5.0
_FACT = "gateways"
#: Among the turns, beside the buckets of identifies: whose it is to tell Discord of the commands.
SYNC = 1_000_001
#: And whose to look for a slot.
SEATS = 1_000_002


class Layout(Record):
    """How many gateways there are, and shards in all; the same in every process."""

    gateways: int
    shards: int

    def __str__(self) -> str:
        return f"{self.gateways}/{self.shards}"


class Seat(State):
    """The slot that this process has; `predecessor`: another one still hears it, too."""

    slot: int
    predecessor: bool


class Seats:
    """Finds a slot, waits for one, or takes one over beside whoever has it."""

    def __init__(self, peer: Peer, liveness: Liveness, facts: Facts, gateways: int) -> None:
        self._peer = peer
        self._liveness = liveness
        self._facts = facts
        self._gateways = gateways

    async def taken(
        self, client: discord.AutoShardedClient, shards: int, *, fixed: bool, replace: bool
    ) -> Seat:
        """A free slot, however long that takes; `replace`: one that somebody has, at once.

        `shards`: as Discord recommends, or `fixed` by the settings. The client is given its own.
        Raises ConfigError where the gateways that live go by another layout.
        """
        mine = Layout(self._gateways, max(shards, self._gateways))
        waits = False
        while True:
            with suppress(StorageError):  # it is away, and looked for again once it is back
                async with turn(self._liveness, SEATS):
                    holders = await self._liveness.holders(SLOT)
                    layout = await self._layout(mine, holders, fixed=fixed)
                    seat = await self._found(holders, replace=replace)
                if seat is not None:
                    _seated(client, layout, seat)
                    return seat
            if not waits:
                waits = True
                log.info("standing by", extra={"gateways": self._gateways})
            await asyncio.sleep(LOOK_SECONDS)

    async def _layout(self, mine: Layout, holders: Mapping[int, int], *, fixed: bool) -> Layout:
        """What all go by who have a slot; where nobody has one, ours."""
        agreed = await self._facts.read(_FACT)
        if agreed is None or not holders:
            if agreed != str(mine):
                await self._facts.write(_FACT, str(mine))
            return mine
        theirs = Layout(*map(int, agreed.split("/")))
        problems = []
        if theirs.gateways != mine.gateways:
            problems.append(Problem("GATEWAYS", _OTHER, _SAME))
        if fixed and theirs.shards != mine.shards:
            problems.append(Problem("SHARD_COUNT", _OTHER, _SAME))
        if problems:
            raise ConfigError(tuple(problems))
        return theirs

    async def _found(self, holders: Mapping[int, int], *, replace: bool) -> Seat | None:
        for slot in range(self._gateways):
            if slot not in holders and await self._liveness.lock(SLOT, slot):
                return Seat(slot, predecessor=False)
        if replace:  # of several, one after the other: whoever is the oldest leaves first
            for slot in sorted(holders, key=lambda each: holders[each]):
                if await self._liveness.lock(SUCCESSOR, slot):
                    return Seat(slot, predecessor=True)
        return None

    async def sit(self, seat: Seat) -> None:
        """The client is ready: whoever had the slot leaves it, and this process has it alone.

        Until then both hear everything, and one of them answers.
        """
        while not await self._has(seat):
            self._peer.tell(Topic.LEAVE, seat.slot)
            await asyncio.sleep(LOOK_SECONDS)
        if not seat.predecessor:
            return
        seat.predecessor = False
        await self._liveness.unlock(SUCCESSOR, seat.slot)
        log.info("slot taken over", extra={"slot": seat.slot})

    async def _has(self, seat: Seat) -> bool:
        with suppress(StorageError):
            return await self._liveness.lock(SLOT, seat.slot)
        return False


def _seated(client: discord.AutoShardedClient, layout: Layout, seat: Seat) -> None:
    """The shards that the client will connect with."""
    client.shard_count = layout.shards
    client.shard_ids = of_slot(seat.slot, layout.gateways, layout.shards)
    log.info("slot", extra={"slot": seat.slot, "shards": str(client.shard_ids)})


_OTHER = "is not what the gateways have that are running"
_SAME = "Give all of them the same, or stop them all first."


class Identifies:
    """One identify of each bucket at a time, over all processes: discord.py knows only its own."""

    def __init__(self, liveness: Liveness) -> None:
        self._liveness = liveness
        #: How many may identify at once; asked of Discord once.
        self._concurrency: int | None = None
        self._buckets: dict[int, asyncio.Lock] = {}
        self._resting: set[asyncio.Task[None]] = set()

    async def wait(self, client: discord.AutoShardedClient, shard_id: int) -> None:
        """Until this process may identify the shard; nobody else in its bucket may, for a while."""
        if self._concurrency is None:
            self._concurrency = (await client.fetch_session_start_limits()).max_concurrency
        bucket = shard_id % self._concurrency
        lock = self._buckets.setdefault(bucket, asyncio.Lock())
        await lock.acquire()
        try:
            while not await self._liveness.lock(TURN, bucket):  # noqa: ASYNC110 - another's turn
                await asyncio.sleep(LOOK_SECONDS / 4)
        except BaseException:
            lock.release()
            raise
        resting = asyncio.create_task(self._rest(bucket, lock), name="identify")
        self._resting.add(resting)
        resting.add_done_callback(self._resting.discard)

    async def _rest(self, bucket: int, lock: asyncio.Lock) -> None:
        try:
            await asyncio.sleep(IDENTIFY_SECONDS)
            await self._liveness.unlock(TURN, bucket)
        finally:
            lock.release()


@asynccontextmanager
async def turn(liveness: Liveness | None, number: int) -> AsyncIterator[None]:
    """What only one process does at a time; alone, at once."""
    while liveness is not None and not await liveness.lock(TURN, number):  # noqa: ASYNC110 - as above
        await asyncio.sleep(LOOK_SECONDS / 4)
    try:
        yield
    finally:
        if liveness is not None:
            await liveness.unlock(TURN, number)
