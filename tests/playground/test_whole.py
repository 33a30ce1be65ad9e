"""The unmodified bot as its own process, between a Discord and a Replicate on real sockets."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from playground.replicate import Faults
from playground.serving import claim
from playground.stage import Plan, Stage, stage
from playground.wire import Point
from playground.world import WorldError
from tests.engines import for_a_process

SPENT = """
insert into generation (
    id, interaction_id, ordinal, status, owner_epoch, application_id, channel_id, user_id,
    token_expires_at, private, size_limit, locale, provider, model, prompt, options, created_at,
    ended_at, quota, budget)
values (:id, :id, 0, 'delivered', 1, 1, 1, :user, 0, 0, 1, 'en', 'p', 'm', 'p', '{}', :now, :now,
    'settled', 'settled')"""
"""One image of somebody's day."""

LATE = 0.5
"""Seconds, in which a client that an event has ended is closed."""

PATIENCE = 60.0
"""Seconds after which a test gives up."""


@asynccontextmanager
async def playing(folder: Path, *faults: str, seconds: float = 1.0) -> AsyncIterator[Stage]:
    data = folder / "data"
    data.mkdir()
    settings = await for_a_process(folder, {})
    plan = Plan(claim(0), folder, data, seconds, Faults.parse(faults), settings=settings)
    async with asyncio.timeout(PATIENCE), stage(plan) as running:
        await running.ready()
        yield running


def channel(running: Stage) -> str:
    return str(running.world.channels[0]["id"])


def person(running: Stage, role: str = "member") -> str:
    return next(str(p["id"]) for p in running.world.people if p["role"] == role)


def messages(running: Stage, viewer: str) -> list[dict[str, Any]]:
    return running.world.messages(channel(running), viewer)


async def until(running: Stage, true: Callable[[], bool]) -> None:
    """Wait for a visible change that makes it true."""
    changed = asyncio.Event()
    unsubscribe = running.world.subscribe(lambda *_: changed.set())
    try:
        while not true():
            await changed.wait()
            changed.clear()
    finally:
        unsubscribe()


async def usage(running: Stage) -> list[Mapping[str, Any]]:
    """The ledger's lines once nothing is pending; the last write may follow the last edit."""
    while True:
        code, output, errors = await running.command.run("usage", "--format", "json")
        assert code == 0, errors
        lines: list[Mapping[str, Any]] = json.loads(output)
        if not any(line["pending"] for line in lines):
            return lines


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says who runs where")
@pytest.mark.sqlite("others may be beside it on PostgreSQL")
async def test_alone_on_its_database_the_bot_stays_on_one_core(tmp_path: Path) -> None:
    async with playing(tmp_path) as running:
        assert len(os.sched_getaffinity(running.keeper.bot.process.pid)) == 1


@pytest.mark.fault(
    "twenty people ask at the same moment",
    sees="their own image each",
    charged="one image each",
)
async def test_of_twenty_people_at_once_each_gets_one_image_and_one_settled_row(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path) as running:
        people = [person(running, role) for role in ("owner", "moderator", "member")]
        askers = [people[n % 3] for n in range(20)]

        await asyncio.gather(
            *(
                running.world.invoke(asker, channel(running), "imagine", {"prompt": f"fox {n}"})
                for n, asker in enumerate(askers)
            )
        )
        viewer = people[0]
        await until(running, lambda: all(m["attachments"] for m in messages(running, viewer)))

        shown = messages(running, viewer)
        alts = sorted(m["attachments"][0]["description"] for m in shown)
        assert alts == sorted(f"fox {n}" for n in range(20))
        assert len(running.small.invoice) == 20
        lines = await usage(running)
        assert {line["user_id"]: line["delivered"] for line in lines} == Counter(askers)


@pytest.mark.fault(
    "the bot is killed (-9) while the model works",
    sees="the image in the same message",
    charged="one image",
)
async def test_a_bot_killed_in_the_middle_delivers_the_same_prediction_in_the_same_message(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path, seconds=4) as running:
        asker = person(running)
        await running.world.invoke(asker, channel(running), "imagine", {"prompt": "a red fox"})
        await until(running, lambda: "Generating" in messages(running, asker)[0]["content"])

        running.bot.process.kill()
        await running.bot.wait()
        again = await running.command.start(tmp_path / "again.log")
        try:
            await until(running, lambda: bool(messages(running, asker)[0]["attachments"]))
            [line] = await usage(running)
        finally:
            await again.stop(10)

        assert len(messages(running, asker)) == 1
        assert len(running.small.invoice) == 1
        assert (line["delivered"], line["pending"]) == (1, 0)


@pytest.mark.fault(
    "the database is busy for longer than Discord waits",
    sees="thinking, then why it was refused, privately",
    charged="nothing",
)
@pytest.mark.sqlite("it looks into the file")
async def test_a_refusal_found_too_late_is_made_up_for_in_the_right_order(tmp_path: Path) -> None:
    async with playing(tmp_path) as running:
        asker, events = person(running), list[str]()
        database = sqlite3.connect(tmp_path / "data" / "imagine.db", isolation_level=None)
        database.execute("begin immediate")  # the bot's reservation has to wait for this
        unsubscribe = running.world.subscribe(
            lambda event, _: events.append(event) if event.startswith("MESSAGE_") else None
        )

        # Returns once it is acknowledged, which the watchdog does: nothing is reserved yet.
        await running.world.invoke(asker, channel(running), "imagine", {"prompt": "a red fox"})
        for number in range(20):
            database.execute(SPENT, {"id": number, "user": asker, "now": time.time_ns() // 10**6})
        database.execute("commit")
        database.close()
        await until(running, lambda: "MESSAGE_DELETE" in events)
        unsubscribe()

        assert events == ["MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_CREATE", "MESSAGE_DELETE"]
        [reason] = messages(running, asker)
        assert "all 20 images for today" in reason["content"]
        assert messages(running, person(running, "moderator")) == []
        assert running.small.invoice == []


@pytest.mark.fault(
    "Discord sends an event that kills discord.py's client",
    sees="the image, from the new client",
    charged="one image",
)
async def test_a_malformed_event_ends_the_client_but_not_the_bot(tmp_path: Path) -> None:
    async with playing(tmp_path) as running:
        asker = person(running)
        await running.world.invoke(asker, channel(running), "imagine", {"prompt": "a red fox"})

        broken = {"id": "1", "type": 0, "name": "x", "guild_id": str(running.world.guild_id)}
        running.world.backend.emit("CHANNEL_CREATE", broken)  # without its position
        await until(running, lambda: bool(messages(running, asker)[0]["attachments"]))
        await answered(running, asker, "/help")

        assert len(running.small.invoice) == 1
        assert "client died" in (tmp_path / "data" / "bot.log").read_text()


@pytest.mark.fault(
    "Discord sends such an event while a command is being acknowledged",
    sees="the image, from the new client",
    charged="one image",
)
async def test_a_client_that_dies_under_an_acknowledgement_leaves_it_to_the_next(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path) as running:
        asker, died = person(running), asyncio.Event()

        async def die(point: Point, request: web.Request) -> None:
            """The answer waits for an event without its position to end the client."""
            if point is Point.APPLIED and request.path.endswith("/callback") and not died.is_set():
                died.set()
                broken = {"id": "1", "type": 0, "guild_id": str(running.world.guild_id)}
                running.world.backend.emit("CHANNEL_CREATE", broken)
                await asyncio.sleep(LATE)

        running.discord.wire.taps.append(die)
        await running.world.invoke(asker, channel(running), "imagine", {"prompt": "a red fox"})

        await until(running, lambda: bool(messages(running, asker)[0]["attachments"]))
        assert len(running.small.invoice) == 1


async def answered(running: Stage, asker: str, command: str) -> None:
    """Ask until the new client is connected: a command is lost while there is none."""
    for _ in range(10):
        try:
            await running.world.invoke(asker, channel(running), command.removeprefix("/"), {})
        except WorldError:
            continue
        return
    raise AssertionError("no client came back")


@pytest.mark.fault(
    "the bot is killed (-9) between acknowledgement and record",
    sees="the image, after the restart",
    charged="one image",
)
async def test_what_a_bot_killed_at_its_acknowledgement_left_is_found_and_finished(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path) as running:
        asker = person(running)
        unsubscribe = running.world.subscribe(
            lambda event, _: running.bot.process.kill() if event == "MESSAGE_CREATE" else None
        )
        with suppress(WorldError):
            await running.world.invoke(asker, channel(running), "imagine", {"prompt": "a red fox"})
        unsubscribe()
        await running.bot.wait()

        again = await running.command.start(tmp_path / "again.log")
        try:
            await until(running, lambda: bool(messages(running, asker)[0]["attachments"]))
            [line] = await usage(running)
        finally:
            await again.stop(10)

        assert len(running.small.invoice) == 1
        assert (line["delivered"], line["pending"]) == (1, 0)


@pytest.mark.fault(
    "an image is taken down while the bot is stopped",
    sees="its message go as soon as the bot is back",
    charged="one image, as before",
)
async def test_what_was_taken_down_while_the_bot_was_stopped_goes_once_it_is_back(
    tmp_path: Path,
) -> None:
    async with playing(tmp_path) as running:
        asker = person(running)
        await running.world.invoke(asker, channel(running), "imagine", {"prompt": "a red fox"})
        await until(running, lambda: bool(messages(running, asker)[0]["attachments"]))
        await usage(running)
        await running.keeper.stop(10)
        shown = messages(running, asker)[0]["id"]
        code, _, errors = await running.command.run("takedown", shown, "--yes")
        assert code == 0, errors

        await running.keeper.start()

        await until(running, lambda: not messages(running, asker))
