"""A long wait is answered: an edit notifies nobody, so whoever asked is mentioned."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.generation import Status
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")

BY_TOKEN = "/webhooks/*"
BY_BOT = "/channels/*/messages/*"
ANEW = "/channels/*/messages"


async def generated(world: World, seconds: float, **options: Any) -> None:
    world.provider.seconds = seconds
    await world.alice.slash(world.channel, "imagine", prompt="a red fox", **options)
    await world.env.advance_time(seconds + 30)


def mentions(world: World) -> list[Any]:
    """What replies to another message."""
    return [message for message in world.channel.history() if message.reference]


async def test_after_more_than_a_minute_one_short_reply_mentions_whoever_asked(
    world: World,
) -> None:
    await generated(world, 90)
    await world.env.advance_time(300)

    [finished, mention] = sorted(world.channel.history(), key=lambda message: message.id)
    assert len(finished.attachments) == 1
    assert mention.reference.message_id == finished.id
    assert [user.id for user in mention.mentions] == [world.alice.id]
    assert world.alice.mention in mention.content
    assert mention.attachments == []


async def test_a_short_wait_is_answered_by_the_image_alone(world: World) -> None:
    await generated(world, 50)

    [finished] = world.channel.history()
    assert len(finished.attachments) == 1


@pytest.mark.rules(long_wait_seconds=10.0)
async def test_what_a_long_wait_is_can_be_set(world: World) -> None:
    await generated(world, 15)

    assert len(world.channel.history()) == 2


@pytest.mark.rules(long_wait_seconds=None)
async def test_it_can_be_switched_off(world: World) -> None:
    await generated(world, 300)

    assert len(world.channel.history()) == 1


async def test_a_private_reply_is_never_mentioned_in_the_channel(world: World) -> None:
    await generated(world, 90, private=True)

    assert (await world.row()).status is Status.DELIVERED
    assert mentions(world) == []


async def test_an_image_in_a_new_message_has_notified_already(world: World) -> None:
    world.provider.seconds = 90
    await world.imagine()
    await world.env.advance_time(80)
    world.env.inject_error("PATCH", BY_TOKEN, status=401, code=50027, times=None)
    world.env.inject_error("PATCH", BY_BOT, status=400, code=30046, times=None)
    await world.env.advance_time(30)

    assert (await world.row()).status is Status.DELIVERED
    assert len(world.channel.history()) == 2
    assert mentions(world) == []


async def test_an_image_in_a_direct_message_has_notified_already(world: World) -> None:
    world.provider.seconds = 90
    await world.imagine()
    await world.env.advance_time(80)
    for path in (BY_TOKEN, BY_BOT):
        world.env.inject_error("PATCH", path, status=403, code=50001, times=None)
    await world.env.advance_time(30)

    assert len(world.alice.user.dm_channel.history()) == 1
    assert len(world.channel.history()) == 1


async def test_a_failure_is_answered_without_a_mention(world: World) -> None:
    world.provider.output = b"<html>"
    await generated(world, 90)

    assert (await world.row()).status is Status.FAILED
    assert len(world.channel.history()) == 1


async def test_whoever_canceled_too_late_is_not_called_back(world: World) -> None:
    world.provider.seconds, world.provider.takes_cancels = 90, False
    await world.imagine()
    await world.env.advance_time(80)
    await world.alice.click(world.message, label="Cancel")
    await world.env.advance_time(30)

    assert (await world.row()).status is Status.DELIVERED
    assert len(world.channel.history()) == 1


async def test_by_the_bots_own_token_it_is_an_edit_too(world: World) -> None:
    world.provider.seconds = 90
    await world.imagine()
    await world.env.advance_time(80)
    world.env.inject_error("PATCH", BY_TOKEN, status=401, code=50027, times=None)
    await world.env.advance_time(30)

    assert len(world.channel.history()) == 2
    assert [user.id for user in world.message.mentions] == [world.alice.id]


@pytest.mark.fault(
    "Discord refuses the mention after a long wait (50013, 10003, 503)",
    sees="the image",
    charged="one image",
)
@pytest.mark.parametrize(("status", "code"), [(403, 50013), (404, 10003), (503, 0)])
async def test_a_mention_that_discord_refuses_is_let_go(
    world: World, status: int, code: int
) -> None:
    world.env.inject_error("POST", ANEW, status=status, code=code, times=1)
    await generated(world, 90)
    await world.env.advance_time(60)

    assert (await world.row()).status is Status.DELIVERED
    [finished] = world.channel.history()
    assert len(finished.attachments) == 1


@pytest.mark.fault(
    "the bot restarts while somebody waits for long",
    sees="the image, and one mention",
    charged="one image",
)
async def test_the_wait_counts_from_the_command_over_a_restart(world: World) -> None:
    world.provider.seconds = 90
    await world.imagine()
    await world.env.advance_time(70)
    await world.bot.imagine.close(0)
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(40)
    await world.bot.imagine.close(0)
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(40)

    assert len(world.channel.history()) == 2
    assert [user.id for user in world.message.mentions] == [world.alice.id]
