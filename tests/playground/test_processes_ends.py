"""Processes that die, freeze, are replaced, or lose the database: what they had goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp import web
from simcord.backend.errors import SetupError

from playground.interactions import ACKNOWLEDGE_WITHIN
from playground.sessions import Session, Sessions
from playground.wire import Point, Tap
from playground.world import World
from tests.engines import Postgres, server
from tests.playground.crew import FIRST, Crew, crew
from tests.playground.visitor import Visitor

MORTAL = ("-m", "tests.chaos.mortal")
HURRY = {"CHAOS_HURRY": "2500"}
SILENT = {"CHAOS_SILENT": "3"}
IDENTIFY_SECONDS = 5.0
REFUSED = 2
"""The exit code for settings that cannot be."""


@pytest.fixture
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server for one test, which may stop it."""
    with server() as running:
        yield running


@pytest.mark.fault(
    "the machine of a worker dies while models work and images are fetched",
    sees="the image, in the same message, from another worker",
    charged="one image, once",
)
@pytest.mark.fault(
    "the machine of a gateway dies, and a standby is there",
    sees="the image, in the same message; commands work again within seconds",
    charged="one image, once",
)
async def test_what_killed_processes_had_goes_on_elsewhere_and_is_delivered_once(
    tmp_path: Path, postgres: Postgres
) -> None:
    """A gateway, a worker that dies at a download, a standby that takes all of it over."""
    async with crew(tmp_path, postgres, "--role", "gateway", seconds=2.0) as on:
        await on.start("worker", "--role", "worker")
        await on.start("standby")
        await on.says("standby", "standing by")
        await add_word(on)
        on.stage.small.wire.taps.append(kill_at_download(on, "worker"))
        prompts = await on.ask_many(6)
        await on.ends("worker")
        await on.kill(FIRST)
        rows = await on.delivers(prompts)
        assert len({row["owner_epoch"] for row in rows}) == 1

        await on.says("standby", "ready")
        asker = Visitor(on.stage, "member")
        refusal = await asker.command("imagine", prompt="a glass xylophone")
        await asker.says(refusal, "we had enough of them")
        await on.ask("a last fox")
        await on.delivers([*prompts, "a last fox"])
        assert on.log("standby").count("commands synced") == 0


async def add_word(on: Crew) -> None:
    """What the first process is told, others know, too."""
    olivia = Visitor(on.stage, "owner")
    panel = await olivia.command("settings")
    await olivia.press_id(panel, "imagine:words:open:")
    form = await olivia.press_id(panel, "imagine:words:add:")
    await olivia.fill(form, lines="xylophone: we had enough of them")


def kill_at_download(on: Crew, name: str) -> Tap:
    killed = False

    async def tap(point: Point, request: web.Request) -> None:
        nonlocal killed
        if not killed and point is Point.RECEIVED and request.path.startswith("/files/"):
            killed = True
            on.keepers[name].bot.process.kill()

    return tap


async def test_a_successor_takes_over_with_every_question_answered_exactly_once(
    tmp_path: Path, postgres: Postgres
) -> None:
    async with crew(tmp_path, postgres, seconds=0.3) as on:
        await on.says(FIRST, "ready")
        prompts: list[str] = []
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as people:
            for number in range(3):
                people.create_task(keep_asking(on, number, prompts, enough))
            await on.start("successor", "--replace")
            code = await on.ends(FIRST)
            await on.says("successor", "slot taken over")
            await asyncio.sleep(0.5)
            enough.set()
        await on.delivers(prompts)

        assert code == 0
        assert set(on.answers.values()) == {1}
        assert len(on.answers) == len(prompts)
        assert "taken over" in on.log("successor")


async def test_who_is_told_to_leave_still_answers_what_it_took_on(
    tmp_path: Path, postgres: Postgres
) -> None:
    """The successor's word comes between its claim of a command and the decision about it."""
    async with crew(tmp_path, postgres, seconds=0.3) as on:
        await on.says(FIRST, "ready")
        async with claims_held(on):
            asked = asyncio.create_task(on.ask("a red fox"))
            await on.waits_for_a_lock()
            await on.fetch("select pg_notify('imagine', 'leave 0')")
            await on.says(FIRST, "successor is ready")
        await asked
        await on.delivers(["a red fox"])

        assert await on.ends(FIRST) == 0
        assert set(on.answers.values()) == {1}


@asynccontextmanager
async def claims_held(on: Crew) -> AsyncIterator[None]:
    """Nobody finds out whether a command is theirs to answer."""
    connection = await asyncpg.connect(on.url)
    try:
        async with connection.transaction():
            await connection.execute("lock table interaction in share mode")
            yield
    finally:
        await connection.close()


async def keep_asking(on: Crew, number: int, prompts: list[str], enough: asyncio.Event) -> None:
    """As soon as one is answered they ask again; nobody is refused or left without an answer."""
    while not enough.is_set():
        prompts.append(f"fox number {len(prompts)}")
        await on.ask(prompts[-1], number)
        await asyncio.sleep(0.05)


@pytest.mark.fault(
    "the database server is stopped for some seconds while images are made",
    sees="the image, in the same message, once it is back",
    charged="one image, once",
)
async def test_while_the_database_is_away_all_stop_and_then_go_on_with_nothing_bought_twice(
    tmp_path: Path, own_postgres: Postgres
) -> None:
    """One create is answered while nobody can record it, by a provider that has no list."""
    settings = {"REPLICATE_CAN_LIST": "no"}
    async with crew(tmp_path, own_postgres, seconds=2.0, settings=settings) as on:
        await on.start("worker", "--role", "worker")
        await on.start("standby")
        await on.says("worker", "set up")
        await on.says("standby", "standing by")
        prompts = await on.ask_many(6)
        await on.finds(lambda rows: all(row["status"] == "running" for row in rows))
        away = asyncio.Event()
        on.stage.small.wire.taps.append(hold_create(away))
        prompts.append("a late fox")
        await on.ask("a late fox")
        await on.finds(lambda rows: rows[-1]["status"] == "submitting")
        async with own_postgres.away():
            await on.says(FIRST, "lost the database")
            await on.says("worker", "lost the database")
            await on.says("standby", "lost the database")
            away.set()
            await on.says(FIRST, "prediction created", len(prompts))
            await asyncio.sleep(1)
        await on.delivers(prompts)
        await on.ask("a later fox")
        await on.delivers([*prompts, "a later fox"])
        assert all(keeper.running for keeper in on.keepers.values())


def hold_create(until: asyncio.Event) -> Tap:
    """Accept creates, and answer them then."""

    async def tap(point: Point, request: web.Request) -> None:
        creates = request.method == "POST" and request.path.endswith("/predictions")
        if creates and point is Point.APPLIED:
            await until.wait()

    return tap


@pytest.mark.fault(
    "a worker is frozen between its turn to buy and the purchase, and wakes once others have its "
    "work",
    sees="that it failed, in the same reply",
    charged="nothing",
)
async def test_a_frozen_process_buys_nothing_and_changes_nothing_when_it_wakes(
    tmp_path: Path, postgres: Postgres
) -> None:
    async with crew(
        tmp_path, postgres, "--role", "gateway", program=MORTAL, settings=HURRY | SILENT
    ) as on:
        await on.start("sleeper", "--role", "worker", CHAOS_FREEZE="dispatch")
        await on.says("sleeper", "set up")
        await on.ask("a sleepy fox")
        [row] = await on.finds(lambda rows: rows[0]["status"] == "submitting")
        await on.start("other", "--role", "worker")
        await on.finds(lambda rows: rows[0]["owner_epoch"] > row["owner_epoch"])
        on.thaw("sleeper")
        await on.says("sleeper", "nothing bought")
        await on.says("sleeper", "lost the database")
        [row] = await on.finds(lambda rows: rows[0]["token"] is None)
        assert (row["status"], row["quota"], row["budget"]) == ("failed", "released", "released")
        assert not on.purchases()

        await on.kill("other")
        await on.ask("a later fox")
        await on.finds(lambda rows: rows[1]["status"] == "delivered")
        assert on.purchases() == {"a later fox": 1}


async def test_two_gateways_each_answer_their_own_servers(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    identified = record_identifies(monkeypatch)
    halves = {"GATEWAYS": "2", "SHARD_COUNT": "2"}
    async with crew(tmp_path, postgres, seconds=0.3, settings=halves) as on:
        await on.start("second")
        await on.says("second", "ready")
        worlds = [on.stage.world, second_server(on.stage.world)]
        assert sorted(shard_of(world) for world in worlds) == [0, 1]
        for number, world in enumerate(worlds):
            asker, place = world.people[2]["id"], world.channels[0]["id"]
            await world.invoke(asker, place, "imagine", {"prompt": f"fox {number}"})
        await on.finds(lambda rows: [row["status"] for row in rows] == ["delivered"] * 2)

        assert set(on.answers.values()) == {1}
        assert [on.log(name).count("prediction created") for name in (FIRST, "second")] == [1, 1]
        assert on.log(FIRST).count("commands synced") == 1
        assert on.log("second").count("commands synced") == 0
        assert sorted(shard for _, shard in identified) == [0, 1]
        (one, _), (other, _) = identified
        assert other - one >= IDENTIFY_SECONDS

        await on.start("third", GATEWAYS="3")
        await on.start("fourth", SHARD_COUNT="4")
        assert await on.ends("third") == REFUSED
        assert "GATEWAYS is not what the gateways have" in on.log("third")
        assert await on.ends("fourth") == REFUSED
        assert "SHARD_COUNT is not what the gateways have" in on.log("fourth")


def record_identifies(patch: pytest.MonkeyPatch) -> list[tuple[float, int]]:
    """When Discord took which shard's."""
    found: list[tuple[float, int]] = []
    identify = Sessions.identify

    def recorded(self: Sessions, data: Mapping[str, Any], url: str) -> Session:
        session = identify(self, data, url)
        found.append((time.monotonic(), session.shard[0]))
        return session

    patch.setattr(Sessions, "identify", recorded)
    return found


def second_server(world: World) -> World:
    """Another server of the same Discord, on the other one of two shards."""
    while True:  # its id is its age, in milliseconds; two of one age are refused
        with suppress(SetupError):
            other = World(world.backend, ACKNOWLEDGE_WITHIN)
            other._interactions = world._interactions
            if shard_of(other) != shard_of(world):
                return other


def shard_of(world: World) -> int:
    return (world.guild_id >> 22) % 2
