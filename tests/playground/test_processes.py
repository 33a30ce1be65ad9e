"""A gateway and a worker of the real bot on one PostgreSQL database, as people meet them."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.engines import Postgres
from tests.playground.crew import Crew, crew
from tests.playground.visitor import Message, Visitor, is_private, text

MOST_RUNNING = 2

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def on(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> AsyncIterator[Crew]:
    folder = tmp_path_factory.mktemp("crew")
    places = {"MAX_RUNNING": str(MOST_RUNNING)}
    async with crew(folder, postgres, "--role", "gateway", settings=places) as running:
        await running.start("worker", "--role", "worker")
        await running.says("worker", "set up")
        yield running


@pytest.fixture
def slow(on: Crew) -> Iterator[None]:
    on.stage.trouble.switch("slow", on=True)
    yield
    on.stage.trouble.switch("slow", on=False)


def asks(question: str, message: Message) -> bool:
    return question in text(message)


def told(rows: list[Mapping[str, Any]]) -> bool:
    return all(row["token"] is None for row in rows)


async def test_a_worker_carries_what_a_gateway_accepts(on: Crew) -> None:
    asker = Visitor(on.stage, "member")
    before = len(on.stage.small.invoice)
    reply = await asker.command("imagine", prompt="a blue heron")
    shown = await asker.sees(lambda each: each["id"] == reply["id"] and each["attachments"])
    rows = await on.finds(told)

    assert shown["attachments"][0]["description"] == "a blue heron"
    assert len(on.stage.small.invoice) == before + 1
    assert {row["status"] for row in rows} == {"delivered"}
    assert "prediction created" in on.log("worker")
    assert "prediction created" not in on.log("first")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says who runs where")
async def test_who_is_not_alone_uses_every_core(on: Crew) -> None:
    found = [os.sched_getaffinity(each.bot.process.pid) for each in on.keepers.values()]

    assert found == [os.sched_getaffinity(0)] * 2


@pytest.mark.usefixtures("slow")
async def test_cancel_pressed_at_the_gateway_stops_the_workers_prediction(on: Crew) -> None:
    asker = Visitor(on.stage, "member")
    reply = await asker.command("imagine", prompt="a grey whale")
    await asker.sees(lambda each: each["id"] == reply["id"] and each["components"])
    await on.finds(lambda rows: rows[-1]["status"] == "running")
    await asker.press(reply, "Cancel")
    await asker.says(reply, "anceled")
    rows = await on.finds(told)

    assert rows[-1]["status"] == "canceled"
    [bought] = [each for each in on.stage.small.invoice if each.input["prompt"] == "a grey whale"]
    assert bought.canceled_at < bought.finished_at


@pytest.mark.usefixtures("slow")
async def test_who_is_blocked_gets_nothing_that_still_waits_at_a_worker(on: Crew) -> None:
    """Two run, which were bought; two wait, as two is the most of all processes."""
    mona, asker = Visitor(on.stage, "moderator"), Visitor(on.stage, "member")
    for number in range(4):
        await asker.command("imagine", prompt=f"a gull {number}")
    await on.finds(lambda rows: Counter(row["status"] for row in rows)["running"] == MOST_RUNNING)
    await mona.command("moderation block", user=asker.id, duration="1h")
    ended = await on.finds(lambda rows: Counter(row["error"] for row in rows)["blocked"])
    on.stage.trouble.switch("slow", on=False)
    rows = await on.finds(told)
    await mona.command("moderation unblock", user=asker.id)

    assert Counter(row["status"] for row in ended[-4:])["running"] == MOST_RUNNING
    assert Counter(row["status"] for row in rows[-4:]) == {"delivered": 2, "canceled": 2}
    assert sum("gull" in prompt for prompt in on.purchases()) == MOST_RUNNING


async def test_what_a_moderator_decides_goes_on_at_a_worker(on: Crew) -> None:
    """Twice: before it is bought, and before it is published; the gateway posts both cards."""
    olivia, asker = Visitor(on.stage, "owner", "general"), Visitor(on.stage, "member", "general")
    mona = Visitor(on.stage, "moderator", "moderators")
    panel = await olivia.command("settings", channel=olivia.channel)
    for verb in ("page:review", "ask:review", "set:review-both", "ask:desk"):
        await olivia.press_id(panel, f"imagine:settings:{verb}-{olivia.channel}")
    await olivia.choose(panel, "settings:choose:desk", mona.channel)

    await asker.command("imagine", prompt="a red fox")
    for question in ("Buy this?", "Publish this?"):
        card = await mona.sees(partial(asks, question))
        await mona.press(card, "Approve")
    await asker.sees(lambda each: each["attachments"] and not is_private(each))
    rows = await on.finds(told)

    assert rows[-1]["status"] == "delivered"
    assert on.purchases()["a red fox"] == 1
    assert "prediction created" not in on.log("first")


async def test_a_gateway_that_was_let_in_comes_back_from_trouble_with_where_to_connect(
    tmp_path: Path, postgres: Postgres
) -> None:
    async with crew(tmp_path, postgres) as on:
        on.stage.discord.inject("GET", "/gateway/bot$", 403, 50001)
        await on.start("second")
        await on.says("second", "client died")
        await on.says("second", "standing by")
