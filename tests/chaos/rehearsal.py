"""One bot for many rehearsals: each turns trouble on, asks for an image, and reads the books."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from playground.faults import Faults
from playground.serving import claim
from playground.stage import Plan, Stage, stage
from tests.chaos.judge import rows

PATIENCE = 25.0
"""Seconds for one rehearsal; a failure is reported, not waited for."""

LOOK_EVERY = 0.05
HURRY_MS = 1_500
_NUMBERS = count(1)


@dataclass
class Asked:
    """One request: its prompt, and what the books say of it."""

    on: Rehearsals
    prompt: str
    message_id: str = ""

    @property
    def row(self) -> dict[str, Any]:
        """The ledger's row; empty before there is one."""
        found = [row for row in rows(self.on.database) if row["prompt"] == self.prompt]
        return found[0] if found else {}

    @property
    def purchases(self) -> int:
        return sum(each.input["prompt"] == self.prompt for each in self.on.stage.small.invoice)

    def shown(self, channel: str) -> list[dict[str, Any]]:
        """The messages there that show its image."""
        messages = self.on.stage.world.messages(channel, self.on.person)
        return [
            message
            for message in messages
            if any(self.prompt in file.get("description", "") for file in message["attachments"])
        ]

    async def ended(self) -> dict[str, Any]:
        """Its row once it has ended and the person was told."""
        await eventually(lambda: bool(self.row.get("ended_at")) and self.row["token"] is None)
        return self.row

    async def running(self) -> None:
        await eventually(lambda: self.row.get("status") == "running")


@dataclass
class Rehearsals:
    """A stage whose trouble is turned off again after each rehearsal."""

    stage: Stage
    database: Path
    asked: list[Asked] = field(default_factory=list)

    @property
    def person(self) -> str:
        return str(self.stage.world.people[2]["id"])

    @property
    def channel(self) -> str:
        return str(self.stage.world.channels[0]["id"])

    @property
    def line(self) -> str:
        """The person's direct messages with the bot."""
        return str(self.stage.world.places.seen_by(self.person)[-1]["id"])

    def trouble(self, *names: str) -> None:
        for name in names:
            self.stage.trouble.switch(name, on=True)

    def calm(self) -> None:
        for name in self.stage.trouble.on:
            self.stage.trouble.switch(name, on=False)
        self.stage.discord.wire.clear()
        self.stage.small.wire.clear()
        self.stage.world.places.take_messages(self.person, open=True)

    async def ask(self, channel: str = "") -> Asked:
        asked = Asked(self, f"a red fox, rehearsal {next(_NUMBERS)}.")
        where = channel or self.channel
        before = {message["id"] for message in self.stage.world.messages(where, self.person)}
        await self.stage.world.invoke(self.person, where, "imagine", {"prompt": asked.prompt})
        after = [message["id"] for message in self.stage.world.messages(where, self.person)]
        [asked.message_id] = [id for id in after if id not in before]
        return asked


async def eventually(true: Callable[[], bool]) -> None:
    """Wait until the books say so; they are other processes' files, which announce nothing."""
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 (a file announces nothing)
            await asyncio.sleep(LOOK_EVERY)


@asynccontextmanager
async def rehearsals(folder: Path) -> AsyncIterator[Rehearsals]:
    data = folder / "data"
    data.mkdir()
    settings = {
        "USER_DAILY_IMAGES": "none",
        "CHAOS_HURRY": str(HURRY_MS),
        "MODEL_PRICES": "google/imagen-4-ultra=0.06",
    }
    program = ("-m", "tests.chaos.mortal")
    plan = Plan(*(claim(0), folder, data, 0.6, Faults()), settings=settings, program=program)
    async with stage(plan) as running:
        await asyncio.wait_for(running.ready(), 30)
        yield Rehearsals(running, data / "imagine.db")
