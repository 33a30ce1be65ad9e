"""Trouble switched while everything runs: by name, from the page, and upon the bot itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from playground.faults import Faults
from playground.serving import claim
from playground.stage import Plan, Stage, stage
from playground.trouble import ACTIONS, FAULTS
from playground.world import WorldError

PATIENCE = 60.0


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Stage]:
    (tmp_path / "data").mkdir()
    plan = Plan(claim(0), tmp_path, tmp_path / "data", 1.0, Faults())
    async with asyncio.timeout(PATIENCE), stage(plan) as on:
        await on.ready()
        yield on


class Page:
    """An open page's push channel."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def next(self, kind: str) -> dict[str, Any]:
        while True:
            frame: dict[str, Any] = await self._socket.receive_json(timeout=PATIENCE)
            if frame["type"] == kind:
                return frame

    async def ask(self, **request: Any) -> str | None:
        await self._socket.send_json({"id": 1, **request})
        error: str | None = (await self.next("answer"))["error"]
        return error


@pytest.fixture
async def page(running: Stage) -> AsyncIterator[Page]:
    async with aiohttp.ClientSession() as session:
        url = f"{running.address}/chat?person=&channel="
        async with session.ws_connect(url, origin=running.address) as socket:
            yield Page(socket)


async def image(running: Stage) -> None:
    """One image for Max, asked for and seen."""
    person, channel = running.world.people[2]["id"], running.world.channels[0]["id"]
    changed = asyncio.Event()
    unsubscribe = running.world.subscribe(lambda *_: changed.set())
    await running.world.invoke(person, channel, "imagine", {"prompt": "a red fox"})
    while not running.world.messages(channel, person)[-1]["attachments"]:
        await changed.wait()
        changed.clear()
    unsubscribe()


async def test_every_fault_of_both_halves_can_be_turned_on_and_off(running: Stage) -> None:
    for name in FAULTS:
        running.trouble.switch(name, on=True)
    assert running.trouble.on == set(FAULTS)
    for name in FAULTS:
        running.trouble.switch(name, on=False)
    assert running.trouble.on == set()
    with pytest.raises(WorldError, match="gremlins"):
        running.trouble.switch("gremlins", on=True)


async def test_the_page_shows_every_switch_and_each_change_at_once(
    running: Stage, page: Page
) -> None:
    shown = (await page.next("scene"))["trouble"]
    assert [fault["name"] for fault in shown["faults"]] == list(FAULTS)
    assert all(fault["does"] for fault in shown["faults"])
    assert [action["name"] for action in shown["actions"]] == list(ACTIONS)
    assert shown["running"]

    await page._socket.send_json({"id": 1, "do": "switch", "name": "safety", "on": True})
    changed = (await page.next("trouble"))["trouble"]
    assert [fault["name"] for fault in changed["faults"] if fault["on"]] == ["safety"]
    assert running.small.faults.safety
    assert await page.ask(do="switch", name="gremlins", on=True) == "There is no fault “gremlins”."
    assert await page.ask(do="act", name="explode") == "“explode” cannot be done here."


async def test_the_bot_is_killed_and_started_from_the_page_and_goes_on(
    running: Stage, page: Page
) -> None:
    before = running.bot.process.pid
    assert await page.ask(do="act", name="kill") is None
    assert not running.keeper.running
    assert await page.ask(do="say", text="is anybody there?") is None
    assert await page.ask(do="act", name="start") is None
    await identified(running)
    await image(running)

    assert running.bot.process.pid != before
    assert "set up" in running.bot.log.read_text(encoding="utf-8")


async def test_a_restart_replaces_the_bot(running: Stage) -> None:
    before = running.bot.process.pid
    await running.trouble.act("restart")
    await identified(running)
    await image(running)

    assert running.bot.process.pid != before


async def test_a_dropped_gateway_is_resumed_and_commands_are_answered(running: Stage) -> None:
    await running.trouble.act("drop-gateway")
    await image(running)

    assert len(running.small.invoice) == 1


async def test_a_bot_that_ends_by_itself_is_told_from_one_that_was_killed(running: Stage) -> None:
    await running.trouble.act("restart")
    died = asyncio.create_task(running.keeper.died())
    running.bot.process.terminate()

    assert await died is running.bot


async def identified(running: Stage) -> None:
    """Wait until the new bot is there; commands before that are lost, as on Discord."""
    while not running.gateway.connected:
        async with aiohttp.ClientSession() as session, session.get(running.address) as answer:
            await answer.read()


async def test_threads_and_direct_messages_are_places_on_the_page(
    running: Stage, page: Page
) -> None:
    scene = await page.next("scene")
    assert [(c["name"], c["kind"]) for c in scene["channels"]] == [
        ("imagine", "channel"),
        ("general", "channel"),
        ("Imagine", "dm"),
    ]
    assert await page.ask(do="start-thread", name="foxes") is None
    there = await page.next("scene")
    assert [c["name"] for c in there["channels"]] == ["imagine", "foxes", "general", "Imagine"]
    await page._socket.send_json({"id": 1, "do": "change-thread", "verb": "lock"})
    changed = (await page.next("channels"))["channels"]
    assert changed[1]["state"] == "locked"
    await page._socket.send_json({"id": 1, "do": "take-messages", "open": False})
    assert (await page.next("channels"))["channels"][-1]["state"] == "closed"
