"""Where a reply goes when Discord does not take it."""

from __future__ import annotations

import pytest

from bot.domain import Generation, Status
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")

BY_TOKEN = "/webhooks/*"
BY_BOT = "/channels/*/messages/*"


async def the_row(world: World) -> Generation:
    [row] = await world.ledger.recent(world.alice.id, 10)
    return row


@pytest.mark.parametrize(("status", "code"), [(401, 50027), (404, 10015), (403, 50013)])
async def test_when_the_token_is_refused_the_bots_own_edits_the_same_message(
    world: World, status: int, code: int
) -> None:
    await world.imagine()
    await world.env.advance_time(5)
    world.env.inject_error("PATCH", BY_TOKEN, status=status, code=code, times=None)
    await world.env.advance_time(10)

    assert len(world.message.attachments) == 1
    assert len(world.channel.history()) == 1
    assert (await the_row(world)).status is Status.DELIVERED


async def test_a_message_that_somebody_removed_does_not_come_back(world: World) -> None:
    await world.imagine()
    await world.mona.delete(world.message)
    await world.env.advance_time(15)

    row = await the_row(world)
    assert world.channel.history() == []
    assert row.status is Status.KEPT
    assert (world.folder / "images" / (row.image_name or "")).exists()


async def test_an_image_that_discord_takes_by_no_way_is_kept(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(5)
    world.env.inject_error("PATCH", BY_TOKEN, status=413, code=40005, times=1)
    world.env.inject_error("PATCH", BY_BOT, status=413, code=40005, times=1)
    await world.env.advance_time(10)

    assert (await the_row(world)).status is Status.KEPT
    assert "It is kept" in world.content


async def test_while_discord_is_down_delivery_is_tried_again(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(5)
    world.env.inject_error("PATCH", BY_TOKEN, status=503, code=0, times=3)
    await world.env.advance_time(10)
    assert (await the_row(world)).status is Status.DELIVERING
    await world.env.advance_time(60)

    assert (await the_row(world)).status is Status.DELIVERED
    assert len(world.message.attachments) == 1


async def test_a_progress_edit_that_fails_changes_nothing(world: World) -> None:
    world.env.inject_error("PATCH", BY_TOKEN, status=403, code=50013, times=2)

    await world.imagine()
    await world.env.advance_time(15)

    assert (await the_row(world)).status is Status.DELIVERED


@pytest.mark.parametrize(("status", "code"), [(404, 10062), (400, 40060)])
async def test_a_command_that_cannot_be_acknowledged_is_released_and_buys_nothing(
    world: World, status: int, code: int
) -> None:
    world.env.inject_error("POST", "/interactions/*", status=status, code=code, times=None)

    await world.imagine()

    row = await the_row(world)
    assert (row.status, row.error) == (Status.CANCELED, "unanswered")
    assert row.quota == row.budget == "released"
    assert world.provider.inputs == []
