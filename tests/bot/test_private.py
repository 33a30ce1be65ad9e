"""Private replies: what only its asker sees never reaches the channel."""

from __future__ import annotations

import pytest

from bot.domain.generation import Status
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")

BY_TOKEN = "/webhooks/*"


async def ask_privately(world: World) -> None:
    await world.alice.slash(world.channel, "imagine", prompt="a red fox", private=True)
    await world.env.advance_time(5)


async def test_a_private_image_is_shown_to_its_asker_alone(world: World) -> None:
    await ask_privately(world)
    await world.env.advance_time(10)

    [message] = world.channel.history(viewer=world.alice)
    assert len(message.attachments) == 1
    assert world.channel.history(viewer=world.bob) == []
    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "a private reply's token is refused (50027, 10015, 10062)",
    sees="the image in their DMs, nothing in the channel",
    charged="one image",
)
@pytest.mark.parametrize(("status", "code"), [(401, 50027), (404, 10015), (404, 10062)])
async def test_a_private_image_whose_token_is_dead_goes_to_their_dms(
    world: World, status: int, code: int
) -> None:
    await ask_privately(world)
    world.env.inject_error("PATCH", BY_TOKEN, status=status, code=code, times=None)
    await world.env.advance_time(10)

    [message] = world.alice.user.dm_channel.history()
    assert len(message.attachments) == 1
    assert world.channel.history(viewer=world.bob) == []
    assert (await world.row()).status is Status.DELIVERED


@pytest.mark.fault(
    "a private reply's token is refused and their DMs are closed",
    sees="the image in /history",
    charged="one image",
)
async def test_a_private_image_that_no_dm_takes_is_kept_for_history(world: World) -> None:
    await ask_privately(world)
    world.env.inject_error("PATCH", BY_TOKEN, status=401, code=50027, times=None)
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50007, times=None)
    await world.env.advance_time(10)

    assert world.channel.history(viewer=world.bob) == []
    assert (await world.row()).status is Status.KEPT
    assert len(await world.history()) == 1


async def test_a_private_request_keeps_its_privacy_across_a_restart(world: World) -> None:
    await ask_privately(world)
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(15)

    assert world.channel.history(viewer=world.bob) == []
    assert (await world.row()).status is Status.DELIVERED
