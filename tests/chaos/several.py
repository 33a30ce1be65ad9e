"""Four processes of the bot on one PostgreSQL, killed and frozen while people ask.

One only hears Discord, one stands by for it and carries, two only carry. Whoever dies is started
again, as a service does it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped] # it has no types
from aiohttp import web

from bot.storage.custody import LIVING, SLOT
from playground.wire import Cut, Point, Tap
from playground.world import WorldError
from tests.chaos.judge import MARKER, Judge
from tests.chaos.lane import SETTINGS, populate
from tests.chaos.plan import COMMITS, POINTS, RANDOM
from tests.chaos.takeovers import BUSIEST, HEARING, HELD, OPEN, OWNERS, TAKEN, Figures
from tests.engines import Postgres
from tests.playground.crew import FIRST, Crew, crew

MORTAL = ("-m", "tests.chaos.mortal")
OTHERS = {"standby": (), "worker": ("--role", "worker"), "worker2": ("--role", "worker")}
IMAGE_SECONDS = 2.0
"""Mean duration of a prediction: several are under way in each process that dies."""

LOOK_EVERY = 0.05
A_SECOND = 8.0
UNDER_WAY = 30
"""People ask for no more than so many at once: two cores serve everybody."""

LOADED_WITHIN, REACHED_WITHIN = 5.0, 3.0
"""Seconds in which the next to die has work, and comes by where it is to die; else it dies so."""

FROZEN_SECONDS = 30.0
STARTED_WITHIN = 60.0


@dataclass(frozen=True)
class Strain:
    """What to do to them; `points` are the only ways to die (none: all)."""

    folder: Path
    requests: int = 1000
    kills: int = 50
    freezes: int = 2
    seed: int = 7
    mutate: str = ""
    hurry_ms: int = 10_000
    points: tuple[str, ...] = ()
    settle_seconds: float = 180.0


class Scale:
    """A run under way."""

    def __init__(self, strain: Strain, on: Crew) -> None:
        self._strain = strain
        self._on = on
        self._chance = random.Random(strain.seed)
        self._asked: dict[str, int] = {}
        self._asking: set[asyncio.Task[None]] = set()
        self._entered: Counter[str] = Counter()
        self._point = ""
        self._victim = 0
        self._died_at = 0.0
        self.figures = Figures()
        on.stage.world.subscribe(self._hear)
        on.stage.small.wire.taps.append(self._tap("provider"))
        on.stage.discord.wire.taps.append(self._tap("discord"))

    async def run(self) -> Figures:
        """All of it, and what became of every request."""
        began = time.monotonic()
        for statement in OWNERS:
            await self._on.fetch(statement)
        asking = asyncio.create_task(self._ask_all())
        await self._suffer()
        await asking
        await self._settled()
        verdict = Judge(
            self._on.stage.world, self._on.stage.small.invoice, await self._on.rows(), self._asked
        ).verdict()
        mine = self.figures.verdict
        verdict.kills, verdict.points = mine.kills, mine.points
        verdict.notes = mine.notes + verdict.notes
        verdict.seconds = time.monotonic() - began
        self.figures.verdict = verdict
        return self.figures

    async def _suffer(self) -> None:
        """One after the other dies; in between some freeze."""
        kills, freezes = self._strain.kills, self._strain.freezes
        frozen_after = {(number + 1) * kills // (freezes + 1) for number in range(freezes)}
        names, ways = [FIRST, *OTHERS], self._strain.points or (*POINTS, *COMMITS, RANDOM)
        left: list[str] = []
        for number in range(kills):
            if number % len(names) == 0:
                self._chance.shuffle(names)
            left = left or self._chance.sample(ways, len(ways))
            await self._kill(names[number % len(names)], left.pop())
            if number + 1 in frozen_after:
                await self._freeze(names[(number + 1) % len(names)])

    async def _kill(self, name: str, way: str) -> None:
        """`way`: where it is to die; who only carries answers nobody, so that others do it."""
        if way.startswith("acknowledgement"):
            name = await self._hearing() or name
        epoch = await self._loaded(name)
        bot = self._on.keepers[name].bot
        dead = asyncio.create_task(bot.wait())
        survives = self._survives(name)  # known before anything is measured
        self._died_at, self._victim, self._point = 0.0, bot.process.pid, way
        if way in COMMITS:
            before = way.startswith("before")
            bot.process.send_signal(signal.SIGUSR1 if before else signal.SIGUSR2)
        await asyncio.wait({dead}, timeout=0.0 if way == RANDOM else REACHED_WITHIN)
        reached, self._point = dead.done(), ""
        if not reached:
            self._died_at = time.time()
        await self._on.kill(name)
        died_at = self._died_at or time.time()
        if (code := await dead) != -signal.SIGKILL:
            self._note(f"{name} ended by itself with {code}", self._on.log(name)[-2_000:])
        self.figures.verdict.kills += 1
        self.figures.verdict.points[way if reached else RANDOM] += 1
        self.figures.killed[name] += 1
        taken = await self._taken(epoch, died_at)
        (self.figures.after_kills if survives else self.figures.after_last).extend(taken)
        self._entered[name] = len(self._epochs(name))
        await self._on.keepers[name].start()

    async def _freeze(self, name: str) -> None:
        """It, or who has the most to lose."""
        epoch = await self._loaded(name)
        held = await self._on.fetch(BUSIEST)
        for each in self._on.keepers:
            if held and held[0]["owner_epoch"] in self._epochs(each):
                name, epoch = each, held[0]["owner_epoch"]
        frozen_at = time.time()
        self._on.freeze(name)
        taken = await self._taken(epoch, frozen_at)
        await asyncio.sleep(max(0.0, frozen_at + FROZEN_SECONDS - time.time()))
        self._on.thaw(name)
        self.figures.freezes += 1
        self.figures.after_freezes += taken

    async def _hearing(self) -> str:
        """Who has the slot; nobody, for a moment."""
        found = await self._on.fetch(HEARING, SLOT, LIVING)
        epochs = {row["epoch"] for row in found}
        return next((name for name in self._on.keepers if epochs & {*self._epochs(name)}), "")

    def _survives(self, name: str) -> bool:
        """Whether somebody else lives who carries: all but the first do."""
        return any(
            self._on.keepers[each].running and len(self._epochs(each)) > self._entered[each]
            for each in OTHERS
            if each != name
        )

    def _epochs(self, name: str) -> list[int]:
        """As which processes it has entered, in all its lives."""
        return [int(each) for each in re.findall(r"chaos epoch=(\d+)", self._on.log(name))]

    async def _loaded(self, name: str) -> int:
        """As which process it is known, once it has something to lose."""
        deadline = time.monotonic() + STARTED_WITHIN
        while len(epochs := self._epochs(name)) <= self._entered[name]:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} never entered\n{self._on.story()}")
            await asyncio.sleep(LOOK_EVERY)
        deadline = time.monotonic() + LOADED_WITHIN
        while not await self._on.fetch(HELD, epochs[-1]) and time.monotonic() < deadline:
            await asyncio.sleep(LOOK_EVERY)
            epochs = self._epochs(name)
        return epochs[-1]

    async def _taken(self, epoch: int, since: float) -> list[float]:
        """Once nothing is left of what it had: seconds until each was another's."""
        deadline = time.monotonic() + FROZEN_SECONDS
        while left := await self._on.fetch(HELD, epoch):
            if time.monotonic() > deadline:
                self.figures.verdict.lost += len(left)
                self._note(f"{len(left)} of process {epoch} were never taken over")
                break
            await asyncio.sleep(LOOK_EVERY)
        taken = await self._on.fetch(TAKEN, epoch)
        return [row["at"] - since for row in taken if row["at"] >= since]

    def _note(self, *words: str) -> None:
        self.figures.verdict.notes.append("\n".join(words))

    async def _ask_all(self) -> None:
        """So many in all, spread over all that is to happen, while somebody hears."""
        people, channel = self._on.stage.world.people, self._on.channel
        number, steps = 0, self._strain.kills + self._strain.freezes
        while number < self._strain.requests:
            done = self.figures.verdict.kills + self.figures.freezes
            due = self._strain.requests * (done + 1) // steps
            [open_] = await self._on.fetch(OPEN)
            is_heard = self._on.stage.gateway.connected
            if number < due and is_heard and len(self._asking) + open_["count"] < UNDER_WAY:
                number += 1
                prompt = f"a red fox, marker-{self._strain.seed}-{number}"
                person = self._chance.choice(people)["id"]
                task = asyncio.create_task(self._ask(person, channel, prompt))
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
            await asyncio.sleep(self._chance.uniform(0.0, 2 / A_SECOND))
        await asyncio.gather(*self._asking)

    async def _ask(self, person: str, channel: str, prompt: str) -> None:
        with contextlib.suppress(WorldError):  # not acknowledged: the books will tell
            await self._on.stage.world.invoke(person, channel, "imagine", {"prompt": prompt})

    async def _settled(self) -> None:
        """Everything gets the time to end."""
        deadline = time.monotonic() + self._strain.settle_seconds
        while (await self._on.fetch(OPEN))[0]["count"] and time.monotonic() < deadline:  # noqa: ASYNC110 - a database announces nothing
            await asyncio.sleep(0.5)
        await asyncio.sleep(1.0)  # the last edit follows the last commit

    def _hear(self, event: str, payload: Mapping[str, Any]) -> None:
        if event == "INTERACTION_CREATE":
            found = MARKER.search(str(payload["data"].get("options", [{"value": ""}])[0]["value"]))
            if found is not None:
                self._asked[found[0]] = int(payload["id"])

    def _tap(self, half: str) -> Tap:
        async def tap(point: Point, request: web.Request) -> None:
            if self._point not in POINTS:
                return
            (where, method, pattern), at, applied = POINTS[self._point]
            passes = (where, method, at) == (half, request.method, point)
            if not passes or not re.search(pattern, request.path) or not self._is_victims(request):
                return
            self._point, self._died_at = "", time.time()
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._victim, signal.SIGKILL)
            if point is Point.RECEIVED and not applied:
                raise Cut

        return tap

    def _is_victims(self, request: web.Request) -> bool:
        """Whether it is the next to die who asks."""
        transport = request.transport
        peer = None if transport is None else transport.get_extra_info("peername")
        with contextlib.suppress(psutil.Error):
            sockets = psutil.Process(self._victim).net_connections("tcp4")
            return peer is not None and peer[1] in {each.laddr.port for each in sockets}
        return False


async def strained(strain: Strain, postgres: Postgres) -> Figures:
    """A run on a stage of its own."""
    settings = {**SETTINGS, "CHAOS_SIGNALS": "1", "CHAOS_MUTATE": strain.mutate}
    if strain.hurry_ms:
        settings["CHAOS_HURRY"] = str(strain.hurry_ms)
    strain.folder.mkdir(parents=True, exist_ok=True)
    hears = ("--role", "gateway")
    async with crew(
        strain.folder,
        postgres,
        *hears,
        seconds=IMAGE_SECONDS,
        program=MORTAL,
        settings=settings,
    ) as on:
        populate(on.stage.world)
        for name, options in OTHERS.items():
            await on.start(name, *options)
            await on.says(name, "set up")
        return await Scale(strain, on).run()
