"""One bot, killed over and over on one data directory while people keep asking."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from playground.discord_faults import FAULTS as DISCORD
from playground.faults import Faults
from playground.replicate import LIST_DELAY_SECONDS
from playground.serving import claim
from playground.stage import Plan, Stage, stage
from playground.wire import Cut, Point, Tap
from playground.world import World, WorldError
from tests.chaos.desk import SHARE, Desk
from tests.chaos.judge import Judge, Verdict, rows
from tests.chaos.plan import POINTS, RANDOM, Death, Fate

PEOPLE = 20
IMAGE_SECONDS = 0.6
"""Mean duration of a prediction: long enough to be killed under, short enough for many."""

LONGEST_LIFE = 6.0
"""Seconds after which a death that nothing led to comes anyway."""

CALM_EVERY = 25
"""Kills after which everything may end: in lives of a second nothing is ever looked up twice, so
that without a pause unanswered creates only pile up."""

START_WITHIN = 30.0
STOP_GRACE = 10.0
STILLBORN_AT_MOST = 10
"""Bots that end by themselves before something is wrong with all of them."""

BATCH = 3
SETTINGS = {
    "USER_DAILY_IMAGES": "none",
    "MONTHLY_IMAGES": "none",
    "MODEL_PRICES": "google/imagen-4-ultra=0.06",
}


@dataclass(frozen=True)
class Order:
    """What to run: `hurry_ms` shortens the bot's waits for unanswered creates (0: as they are);
    `points` are the only ways to die (none: all). `reviewed`: a share of it goes to a channel whose
    moderators decide, at once and sometimes both.
    """

    kills: int
    seed: int
    folder: Path
    mutate: str = ""
    hurry_ms: int = 0
    points: tuple[str, ...] = ()
    settle_seconds: float = 300.0
    reviewed: bool = False


@dataclass
class Lane:
    """A run under way."""

    order: Order
    on: Stage
    asked: dict[str, int] = field(default_factory=dict)
    verdict: Verdict = field(default_factory=Verdict)
    desk: Desk | None = None

    def __post_init__(self) -> None:
        self.chance = random.Random(self.order.seed)
        self._fate = Fate(random.Random(self.order.seed + 1), self.order.points)
        self._asking: set[asyncio.Task[None]] = set()
        self._number = 0
        self._death: Death | None = None
        self._passes = 0
        self.on.world.subscribe(self._hear)
        self.on.small.wire.taps.append(self._tap("provider"))
        self.on.discord.wire.taps.append(self._tap("discord"))

    async def run(self) -> Verdict:
        """Kill it so often, let everything settle, and judge."""
        began = time.monotonic()
        while self.verdict.kills < self.order.kills:
            await self._live(self._fate.next())
            if self.verdict.kills % CALM_EVERY == 0:
                await self._settle()
        await self._settle()
        judged = self._judge()
        judged.kills, judged.points = self.verdict.kills, self.verdict.points
        judged.notes = self.verdict.notes + judged.notes
        judged.leaks, judged.came_back = self.verdict.leaks, self.verdict.came_back
        if self.desk is not None:
            judged.split_decisions = self.desk.split(self.database)
            judged.left_in_progress += self.desk.unclosed(self.database)
        judged.seconds = time.monotonic() - began
        return judged

    async def _live(self, death: Death) -> None:
        """One life from its start to its death."""
        self._death, self._passes = death, death.passes
        self._trouble(death.faults)
        bot = await self._start(death.commit)
        dead = asyncio.create_task(bot.wait())
        try:
            async with asyncio.timeout(LONGEST_LIFE):
                await self._ask_until(dead, death)
        except TimeoutError:
            pass
        self._death = None
        early = dead.done()
        await self.on.keeper.kill()
        code = await dead
        if self.desk is not None:
            self.desk.look(self.verdict, self.database)
        if early and code != -9:
            self._stillborn(f"ended by itself with {code} under {sorted(death.faults)}")
            return
        self.verdict.kills += 1
        self.verdict.points[death.point if early else RANDOM] += 1

    def _stillborn(self, note: str) -> None:
        self.verdict.notes.append(note)
        if len(self.verdict.notes) > STILLBORN_AT_MOST + self.verdict.kills // 10:
            raise RuntimeError("\n".join([note, *self.on.bot.last_lines]))

    async def _ask_until(self, dead: asyncio.Task[int], death: Death) -> None:
        """People ask while it lives; a random death comes `seconds` after the first request."""
        at: float | None = None
        while not dead.done() and (at is None or time.monotonic() < at):
            if self.on.gateway.connected and len(self._asking) < 3 * BATCH:
                for _ in range(self.chance.randint(1, BATCH)):
                    self._ask()
                if at is None and death.point == RANDOM:
                    at = time.monotonic() + death.seconds
            if self.desk is not None:
                self.desk.work()
                self.desk.look(self.verdict, self.database)
            await asyncio.wait({dead}, timeout=self.chance.uniform(0.05, 0.4))

    def _ask(self) -> None:
        self._number += 1
        marker = f"marker-{self.order.seed}-{self._number}"
        person = self.chance.choice(self.on.world.people)["id"]
        channel = self.on.world.channels[0]["id"]
        if self.desk is not None and self.chance.random() < SHARE:
            channel = self.desk.channel
        task = asyncio.create_task(self._invoke(person, channel, f"a red fox, {marker}"))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _invoke(self, person: str, channel: str, prompt: str) -> None:
        with contextlib.suppress(WorldError):  # not acknowledged: the books will tell
            await self.on.world.invoke(person, channel, "imagine", {"prompt": prompt})

    def _hear(self, event: str, payload: Mapping[str, Any]) -> None:
        if event == "INTERACTION_CREATE":
            options = payload["data"].get("options", [{"value": ""}])
            found = re.search(r"marker-\d+-\d+", str(options[0]["value"]))
            if found is not None:
                self.asked[found[0]] = int(payload["id"])

    def _tap(self, half: str) -> Tap:
        async def tap(point: Point, request: web.Request) -> None:
            if self._death is None or self._death.point not in POINTS:
                return
            (where, method, pattern), at, applied = POINTS[self._death.point]
            if (where, method, at) != (half, request.method, point):
                return
            if not re.search(pattern, request.path):
                return
            self._passes -= 1
            if self._passes == 0:
                with contextlib.suppress(ProcessLookupError):  # already dead by its own hand
                    self.on.bot.process.kill()
                if point is Point.RECEIVED and not applied:
                    raise Cut

        return tap

    def _trouble(self, names: frozenset[str]) -> None:
        if 0 < self.order.hurry_ms <= LIST_DELAY_SECONDS * 1000:
            names -= {"late-list"}  # a list later than the bot waits tells it the opposite
        self.on.small.faults = Faults.parse(names - DISCORD.keys())
        self.on.discord.names.clear()
        self.on.discord.names.update(names & DISCORD.keys())

    async def _start(self, commit: str) -> Any:
        settings = {**self.on.keeper.command.settings, "CHAOS_COMMIT": commit}
        self.on.keeper.command = replace(self.on.keeper.command, settings=settings)
        return await self.on.keeper.start()

    async def _settle(self) -> None:
        """No more trouble and no more requests: everything gets the time to end."""
        self._trouble(frozenset())
        await asyncio.gather(*self._asking)
        await self._start("")
        deadline = time.monotonic() + self.order.settle_seconds
        while time.monotonic() < deadline:
            await asyncio.sleep(0.5)
            if self.desk is not None and self.on.gateway.connected:
                self.desk.work()
            if self.on.gateway.connected and not self._is_undone():
                await asyncio.sleep(1.0)  # the last edit follows the last commit
                break
        await self.on.keeper.stop(STOP_GRACE)
        if self.desk is not None:
            self.desk.look(self.verdict, self.database)

    def _is_undone(self) -> bool:
        if any(row["ended_at"] is None or row["token"] for row in rows(self.database)):
            return True
        return self.desk is not None and self.desk.unclosed(self.database) > 0

    @property
    def database(self) -> Path:
        return self.order.folder / "data" / "imagine.db"

    def _judge(self) -> Verdict:
        removed = self.desk.removed if self.desk is not None else ()
        ledger = rows(self.database)
        return Judge(self.on.world, self.on.small.invoice, ledger, self.asked, removed).verdict()


async def run_lane(order: Order) -> Verdict:
    """Run `order` on a stage of its own."""
    data = order.folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    settings = {**SETTINGS, "CHAOS_MUTATE": order.mutate}
    if order.hurry_ms:
        settings["CHAOS_HURRY"] = str(order.hurry_ms)
    program = ("-m", "tests.chaos.mortal")
    plan = Plan(
        *(claim(0), order.folder, data, IMAGE_SECONDS, Faults()), settings=settings, program=program
    )
    async with stage(plan) as running:
        populate(running.world)
        await asyncio.wait_for(running.ready(), START_WITHIN)
        desk = Desk(running, random.Random(order.seed + 2)) if order.reviewed else None
        if desk is not None:
            await desk.open()
        await running.keeper.kill()
        return await Lane(order, running, desk=desk).run()


def populate(world: World) -> None:
    """Enough people that nobody's own limits decide."""
    for number in range(PEOPLE):
        user = world.backend.make_user(f"person{number}", global_name=f"Person {number}")
        world.backend.add_member(world.guild_id, user.id)
        world.people.append({"id": str(user.id), "name": f"Person {number}", "role": "member"})
