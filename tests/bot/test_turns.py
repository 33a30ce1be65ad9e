"""The line: who is next, how many run, what those who wait are told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.generation import Capacity, Entry, Status
from bot.errors import CreateUnknown, RateLimited
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")


def prompts(world: World) -> list[str]:
    """What was bought, in order."""
    return [str(bought["prompt"]) for bought in world.provider.inputs]


async def another_server(world: World) -> tuple[Any, Any]:
    """A channel elsewhere, and a member there."""
    guild = world.env.create_guild()
    channel = guild.create_text_channel("imagine")
    return channel, guild.add_member(world.env.create_user("olga"))


@pytest.mark.rules(capacity=Capacity(running=2))
async def test_no_more_run_than_there_are_places(world: World) -> None:
    for number, person in enumerate((world.alice, world.bob, world.mona)):
        await world.imagine(person, f"fox {number}")
    await world.env.advance_time(5)
    assert prompts(world) == ["fox 0", "fox 1"]

    await world.env.advance_time(15)

    assert prompts(world) == ["fox 0", "fox 1", "fox 2"]


async def test_a_person_has_three_running_and_the_others_overtake(world: World) -> None:
    for number in range(5):
        await world.imagine(world.alice, f"alice {number}")
    await world.imagine(world.bob, "bob")
    await world.env.advance_time(5)

    assert prompts(world) == ["alice 0", "alice 1", "alice 2", "bob"]

    await world.env.advance_time(30)

    assert len(prompts(world)) == 6


@pytest.mark.rules(capacity=Capacity(running=1))
async def test_servers_take_turns_and_within_a_server_people_do(world: World) -> None:
    channel, olga = await another_server(world)
    for number in range(3):
        await world.imagine(world.alice, f"alice {number}")
    await world.imagine(world.bob, "bob")
    for number in range(2):
        await olga.slash(channel, "imagine", prompt=f"olga {number}")

    await world.env.advance_time(90)

    assert prompts(world) == ["alice 0", "olga 0", "bob", "olga 1", "alice 1", "alice 2"]


async def test_servers_take_turns_also_where_creates_are_scarce(world: World) -> None:
    """With 6 creates a minute nothing runs when the next turn comes: who was served last counts."""
    world.provider.create_errors = [RateLimited("reduced", 429, 1, per_minute=6)]
    world.provider.seconds = 2
    channel, olga = await another_server(world)
    for number in range(3):
        await world.imagine(world.alice, f"alice {number}")
    for number in range(2):
        await olga.slash(channel, "imagine", prompt=f"olga {number}")

    await world.env.advance_time(90)

    assert prompts(world)[-5:] == ["alice 0", "olga 0", "alice 1", "olga 1", "alice 2"]


@pytest.mark.rules(capacity=Capacity(user_running=1, user_waiting=2))
async def test_a_person_with_too_many_waiting_is_refused_at_once(world: World) -> None:
    for number in range(3):
        await world.imagine(prompt=f"fox {number}")
    result = await world.imagine(prompt="one too many")
    await world.env.advance_time(60)

    assert result.ephemeral
    assert "2 images waiting" in result.response.content
    assert "Nothing was charged" in result.response.content
    assert prompts(world) == ["fox 0", "fox 1", "fox 2"]


@pytest.mark.rules(capacity=Capacity(running=1, waiting=1))
async def test_a_full_queue_refuses_at_once(world: World) -> None:
    await world.imagine(world.alice)
    await world.imagine(world.bob)
    result = await world.imagine(world.mona)

    assert result.ephemeral
    assert "queue is full" in result.response.content


@pytest.mark.rules(capacity=Capacity(running=1))
async def test_the_reply_says_the_position_and_refreshes_it(world: World) -> None:
    for person in (world.alice, world.bob, world.mona):
        await world.imagine(person)
    await world.env.advance_time(3)
    before = world.content
    await world.env.advance_time(15)

    assert "number 2 in line" in before
    assert "next in line" in world.content


@pytest.mark.rules(capacity=Capacity(running=1))
async def test_once_the_models_speed_is_known_the_turns_time_is_estimated(world: World) -> None:
    for _ in range(3):
        await world.imagine()
        await world.env.advance_time(12)
    for person in (world.alice, world.bob, world.mona):
        await world.imagine(person)
    asked = world.clock.now()
    await world.env.advance_time(3)

    begins = (asked + 1_000 + 2 * 9_000) // 1000
    assert any(f"should begin <t:{begins + near}:R>" in world.content for near in (-1, 0, 1))


@pytest.mark.rules(capacity=Capacity(running=1))
@pytest.mark.moves(
    "queued>canceled",
    "queued>submitting",
    "submitting>running",
    "running>delivering",
    "delivering>delivered",
)
async def test_canceling_in_line_is_free_and_buys_nothing(world: World) -> None:
    await world.imagine(world.bob)
    await world.imagine(world.alice)
    await world.env.advance_time(3)
    await world.alice.click(world.message, label="Cancel")
    await world.env.advance_time(30)

    row = await world.row()
    assert (row.status, row.quota, row.budget) == (
        Status.CANCELED, Entry.RELEASED, Entry.RELEASED,
    )  # fmt: skip
    assert len(world.provider.inputs) == 1


@pytest.mark.rules(capacity=Capacity(running=1))
async def test_the_line_is_the_same_after_a_restart(world: World) -> None:
    for person in (world.alice, world.bob, world.mona):
        await world.imagine(person, person.user.name)
    await world.env.advance_time(2)
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(60)

    assert prompts(world) == ["alice", "bob", "mona"]
    assert [len(m.attachments) for m in world.channel.history()] == [1, 1, 1]


@pytest.mark.fault(
    "the provider takes 6 creates a minute (429 with its rate)",
    sees="its place in line, then the image",
    charged="one image each",
)
async def test_creates_follow_the_rate_that_the_provider_names(world: World) -> None:
    world.provider.create_errors = [RateLimited("reduced", 429, 1, per_minute=6)] * 3
    for person in (world.alice, world.bob, world.mona):
        await world.imagine(person)
    world.provider.create_errors = []

    await world.env.advance_time(60)

    assert 3 <= len(prompts(world)) <= 9
    assert [len(m.attachments) for m in world.channel.history()] == [1, 1, 1]


@pytest.mark.fault(
    "a create is put off (429), then its next try is lost",
    sees="that nobody knows",
    charged="the person nothing, the payer's budget one image",
)
async def test_a_create_that_was_put_off_once_and_lost_later_is_not_bought_again(
    world: World,
) -> None:
    world.provider.can_list = False
    world.provider.create_errors = [RateLimited("busy", 429, 1), CreateUnknown("reset")]

    await world.imagine()
    await world.env.advance_time(120)

    assert len(world.provider.inputs) == 2
    assert (await world.row()).status is Status.UNKNOWN


@pytest.mark.parametrize("turns_of_the_loop", [0, 3, 10, 30, 100, 300, 1000])
async def test_a_stop_at_any_moment_of_a_turn_forgets_no_purchase(
    world: World, turns_of_the_loop: int
) -> None:
    asked = asyncio.create_task(world.imagine())
    while not world.bot.imagine.under_way._lives:  # noqa: ASYNC110 - one turn of the loop at a time
        await asyncio.sleep(0)
    for _ in range(turns_of_the_loop):
        await asyncio.sleep(0)

    await asyncio.gather(world.bot.imagine.close(0), asked)

    row = await world.row()
    bought = (Status.RUNNING, "p0") if world.provider.inputs else (Status.QUEUED, None)
    assert (row.status, row.prediction_id) == bought
