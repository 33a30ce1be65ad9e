"""A client's life: logged in, seated, connected; with what runs beside it, until it is to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial

from bot.chat.application import point_gateway_at
from bot.errors import StorageError
from bot.gateway.client import ImagineBot
from bot.gateway.seat import Seat, Seats
from bot.gateway.upkeep import erase, look_over
from bot.lag import LoopLag
from bot.settings.config import Settings
from bot.storage.custody import SLOT
from bot.storage.peer import Liveness, Topic

log = logging.getLogger(__name__)

#: Panels that nobody has needed so long after the start are loaded.
LOAD_SECONDS = 1.0
#: What a process took on before its successor came is answered by then, or Discord waits no more.
ANSWER_SECONDS = 3.0
#: A database that is away is tried again this much later.
AGAIN_SECONDS = 1.0


class SlotLost(Exception):
    """While this process was taken for dead, another one took its shards."""


async def session(
    bot: ImagineBot, settings: Settings, stop: asyncio.Event, *, replace: bool = False
) -> None:
    """Return when it was asked to stop; raise what the client died of."""
    life = _Life(bot, settings, stop)
    running = asyncio.create_task(life.run(replace=replace))
    ends = {running, asyncio.create_task(stop.wait()), asyncio.create_task(life.keep())}
    lag = LoopLag()
    beside = [*(ends - {running}), asyncio.create_task(lag.measure()), *life.looks()]
    done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    await bot.automod.close()
    left = await bot.imagine.close(settings.shutdown_grace if stop.is_set() else 0)
    log.info("stopped", extra={"left_for_next_start": left, **lag.figures()})
    if not running.done() and not bot.is_ready():
        running.cancel()  # closing under a login would end in its error, not in ours
    await bot.close()
    with suppress(asyncio.CancelledError):
        await running
    for task in done - {running}:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


class _Life:
    """The way of a client to its servers, and what it is to other processes."""

    def __init__(self, bot: ImagineBot, settings: Settings, stop: asyncio.Event) -> None:
        self._bot = bot
        self._settings = settings
        self._stop = stop
        self._seat: Seat | None = None

    async def run(self, *, replace: bool) -> None:
        """As `Client.start`; in between it waits for its shards, if others have them all.

        Whoever only carries generations never hears Discord's gateway.
        """
        bot, liveness = self._bot, self._bot.peer.liveness
        if liveness is not None:
            bot.shard_ids = []  # nobody's servers are this one's yet
        bot.shard_count = shards = await self._logged_in()
        if not bot.peer.role.hears:
            await asyncio.Event().wait()
        if liveness is not None:
            seats = Seats(bot.peer, liveness, bot.facts, self._settings.gateways)
            fixed = self._settings.shard_count is not None
            self._seat = await seats.taken(bot, shards, fixed=fixed, replace=replace)
            bot.peer.on(Topic.LEAVE, self._told_to_leave)
            self._sitting = asyncio.create_task(self._sit(seats, self._seat))
        await bot.connect()

    async def _logged_in(self) -> int:
        """How many shards there should be.

        Discord is asked beside the login, not after it as discord.py does by itself: that is a trip
        over the network less until the first answer.
        """
        asked = asyncio.create_task(self._shards())  # begins once the login has its HTTP session
        try:
            await self._bot.login(self._settings.discord_token.reveal())
            self._bot.peer.has_begun = self._bot.peer.liveness is not None
            return await asked
        finally:
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)

    async def _shards(self) -> int:
        """As set, or as Discord recommends; who hears nobody does not ask."""
        fixed = self._settings.shard_count
        if fixed is not None or not self._bot.peer.role.hears:
            return fixed or 1
        shards, gateway, _ = await self._bot.http.get_bot_gateway()
        point_gateway_at(gateway)
        return shards

    async def _sit(self, seats: Seats, seat: Seat) -> None:
        await self._bot.wait_until_ready()
        await seats.sit(seat)

    def _told_to_leave(self, slot: str) -> None:
        """Its successor hears everybody: answer nobody else, finish what runs, and stop."""
        peer, liveness = self._bot.peer, self._bot.peer.liveness
        if self._seat is None or slot != str(self._seat.slot) or peer.leaves or liveness is None:
            return
        log.info("successor is ready", extra={"slot": slot})
        peer.leaves, self._seat = True, None
        self._leaving = asyncio.create_task(self._leave(liveness, int(slot)))

    async def _leave(self, liveness: Liveness, slot: int) -> None:
        await liveness.unlock(SLOT, slot)
        await asyncio.sleep(ANSWER_SECONDS)
        self._stop.set()

    async def keep(self) -> None:
        """Whenever this process was taken for dead, begin anew as another one. Raises SlotLost."""
        bot, liveness = self._bot, self._bot.peer.liveness
        if liveness is None:
            await asyncio.Event().wait()
            return
        await bot.wait_until_set_up()
        while True:
            await liveness.lost.wait()
            log.warning("lost the database: others may have what runs here")
            await bot.imagine.under_way.drop()
            try:
                await self._begin_anew(liveness)
            except StorageError:
                liveness.lost.set()  # what was half begun begins once more
                await asyncio.sleep(AGAIN_SECONDS)

    async def _begin_anew(self, liveness: Liveness) -> None:
        """As another process. Raises SlotLost and StorageError."""
        bot = self._bot
        await bot.peer.enter()
        if self._seat is not None and not await liveness.lock(SLOT, self._seat.slot):
            raise SlotLost
        await bot.imagine.under_way.drop(but=bot.peer.custody.epoch)  # begun in between
        await bot.imagine.adopt(await bot.peer.claim())
        await bot.hints.missed()

    def looks(self) -> Iterator[asyncio.Task[None]]:
        """What is looked at again and again."""
        yield asyncio.create_task(self._once_set_up(self._bot.takeover.watch))
        yield asyncio.create_task(_load_rest(self._bot))
        if self._bot.peer.role.hears:
            yield asyncio.create_task(self._once_set_up(partial(erase, self._bot)))
            yield asyncio.create_task(self._once_set_up(partial(look_over, self._bot)))

    async def _once_set_up(self, look: Callable[[], Awaitable[None]]) -> None:
        await self._bot.wait_until_set_up()
        await look()


async def _load_rest(bot: ImagineBot) -> None:
    """What the start did not wait for, once the first commands have been answered."""
    try:
        await bot.wait_until_ready()
        await asyncio.sleep(LOAD_SECONDS)
        await bot.panels.load()
    except Exception:
        log.exception("panels not loaded")
