"""Several processes of the bot on one PostgreSQL database, in the playground."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import asyncpg
from aiohttp import web

from playground.faults import Faults
from playground.keeper import Keeper
from playground.serving import claim
from playground.stage import Plan, Stage, stage
from playground.wire import Point
from tests.engines import Postgres

PATIENCE = 60.0
"""Seconds after which a test gives up."""

LOOK_EVERY = 0.05
FIRST = "first"
CALLBACK = "/callback"
GRACE = 15.0
SETTINGS = {"USER_DAILY_IMAGES": "none", "USER_MAX_WAITING": "500", "USER_MAX_RUNNING": "50"}
_NUMBERS = count(1)


@dataclass
class Crew:
    """Who runs, by name; the `first` one belongs to the stage."""

    stage: Stage
    folder: Path
    postgres: Postgres
    url: str
    keepers: dict[str, Keeper] = field(default_factory=dict)
    #: How often each interaction was answered for the first time, as its application sees it.
    answers: Counter[str] = field(default_factory=Counter)

    async def start(self, name: str, *options: str, **settings: str) -> Keeper:
        """Another process, as `run` with these options and further settings."""
        command = self.stage.command
        own = {"DATA_DIR": str(self.folder / name)}  # images lie in the database
        (self.folder / name).mkdir(exist_ok=True)
        command = replace(
            command, options=options, settings={**command.settings, **own, **settings}
        )
        keeper = self.keepers[name] = Keeper(command, self.folder / f"{name}.log")
        await keeper.start()
        return keeper

    async def kill(self, name: str) -> None:
        await self.keepers[name].kill()

    def freeze(self, name: str) -> None:
        self.keepers[name].bot.process.send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        self.keepers[name].bot.process.send_signal(signal.SIGCONT)

    async def ends(self, name: str) -> int:
        """Its exit code, once it has ended by itself."""
        return await asyncio.wait_for(self.keepers[name].bot.wait(), PATIENCE)

    def log(self, name: str) -> str:
        file = self.folder / f"{name}.log"
        file = self.folder / "data" / "bot.log" if name == FIRST else file
        return file.read_text() if file.exists() else ""

    async def says(self, name: str, words: str, times: int = 1) -> None:
        """Wait until its log holds the words."""
        await self.sees(lambda: self.log(name).count(words) >= times, f"{name}: {words!r}")

    async def sees(self, true: Callable[[], object], what: str = "") -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not true():  # noqa: ASYNC110 - other processes announce nothing
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            raise AssertionError(f"never seen: {what}\n{self.story()}") from None

    async def finds(
        self, true: Callable[[list[Mapping[str, Any]]], object]
    ) -> list[Mapping[str, Any]]:
        """The ledger's rows, once that is true of them."""
        rows: list[Mapping[str, Any]] = []
        try:
            async with asyncio.timeout(PATIENCE):
                while not (rows := await self.rows()) or not true(rows):  # noqa: ASYNC110 - as above
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            seen = [(row["status"], row["owner_epoch"], row["error"]) for row in rows]
            raise AssertionError(f"never found: {seen}\n{self.story()}") from None
        return rows

    def story(self) -> str:
        """The end of what each process said."""
        names = [FIRST, *(name for name in self.keepers if name != FIRST)]
        return "\n".join(f"--- {name}\n{self.log(name)[-2_000:]}" for name in names)

    async def waits_for_a_lock(self) -> None:
        """Until somebody waits for the database."""
        waiting = "select 1 from pg_locks where locktype = 'relation' and not granted"
        async with asyncio.timeout(PATIENCE):
            while not await self.fetch(waiting):  # noqa: ASYNC110 - as above
                await asyncio.sleep(LOOK_EVERY)

    async def rows(self) -> list[Mapping[str, Any]]:
        return await self.fetch("select * from generation order by created_at, id")

    async def fetch(self, statement: str, *values: object) -> list[Mapping[str, Any]]:
        connection = await asyncpg.connect(self.url)
        try:
            return [dict(row) for row in await connection.fetch(statement, *values)]
        finally:
            await connection.close()

    @property
    def channel(self) -> str:
        return str(self.stage.world.channels[0]["id"])

    def person(self, number: int = 2) -> str:
        return str(self.stage.world.people[number]["id"])

    async def ask(self, prompt: str = "a red fox", number: int = 2) -> None:
        """Up to the acknowledgement; people who may take turns are Olivia, Mona, Max."""
        await self.stage.world.invoke(
            self.person(number), self.channel, "imagine", {"prompt": prompt}
        )

    async def ask_many(self, most: int) -> list[str]:
        """At once, by three people; returns the prompts."""
        prompts = [f"fox number {number}" for number in range(most)]
        await asyncio.gather(*(self.ask(each, n % 3) for n, each in enumerate(prompts)))
        return prompts

    def images(self) -> Counter[str]:
        """How many messages of the channel show the image of each prompt."""
        messages = self.stage.world.messages(self.channel, self.person())
        return Counter(file["description"] for each in messages for file in each["attachments"])

    def purchases(self) -> Counter[str]:
        return Counter(str(each.input["prompt"]) for each in self.stage.small.invoice)

    async def delivers(self, prompts: list[str]) -> list[Mapping[str, Any]]:
        """Each of them once, bought once, charged once."""
        rows = await self.finds(
            lambda rows: len(rows) >= len(prompts) and all(row["token"] is None for row in rows)
        )
        once = Counter(prompts)
        books = {(row["status"], row["quota"], row["budget"]) for row in rows}
        assert books == {("delivered", "settled", "settled")}, f"{books}\n{self.story()}"
        assert self.images() == once
        assert self.purchases() == once
        return rows

    async def _answered(self, point: Point, request: web.Request) -> None:
        if point is Point.ANSWERED and request.path.endswith(CALLBACK):
            self.answers[request.path.split("/")[-3]] += 1


@asynccontextmanager
async def crew(
    folder: Path,
    postgres: Postgres,
    *options: str,
    seconds: float = 1.0,
    program: Sequence[str] = ("-m", "bot"),
    settings: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Crew]:
    """The first one, run with these options, hears Discord by now; all end with the context."""
    data = folder / "data"
    data.mkdir()
    url = (await postgres.new(f"crew{next(_NUMBERS)}")).url
    about = {**SETTINGS, "DATABASE_URL": url, **settings}
    plan = Plan(
        *(claim(0), folder, data, seconds, Faults()),
        settings=about,
        program=program,
        options=options,
    )
    async with stage(plan) as running:
        here = Crew(running, folder, postgres, url, {FIRST: running.keeper})
        running.discord.wire.taps.append(here._answered)
        try:
            await asyncio.wait_for(running.ready(), PATIENCE)
            yield here
        finally:
            others = [each for name, each in here.keepers.items() if name != FIRST]
            await asyncio.gather(*(each.stop(GRACE) for each in others))
