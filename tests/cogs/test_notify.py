"""A direct message when a long one is done: for whoever wants that, instead of a mention."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.generation import Status
from tests.cogs.test_limits import direct_messages
from tests.cogs.test_mention import ANEW, BY_BOT, BY_TOKEN, mentions
from tests.world import World

pytestmark = pytest.mark.usefixtures("env")


async def asked(world: World, seconds: float, **options: Any) -> None:
    """By Alice, who wants to be told; the image takes so long. As an earlier process left it."""
    world.provider.seconds = seconds
    await world.imagine(**options)
    await world.env.advance_time(1)
    await world.database.write("update generation set notify = 1 returning id", {})
    await world.bot.imagine.close(0)
    await world.env.restart_bot(world.new_bot())


async def generated(world: World, seconds: float, **options: Any) -> None:
    await asked(world, seconds, **options)
    await world.env.advance_time(seconds + 30)


async def test_after_more_than_a_minute_one_direct_message_links_the_image(world: World) -> None:
    await generated(world, 90)
    await world.env.advance_time(300)

    [told] = direct_messages(world, world.alice.id)
    link = f"https://discord.com/channels/{world.guild.id}/{world.channel.id}/{world.message.id}"
    assert told == f"Your image is ready: {link}"
    assert mentions(world) == []


async def test_a_short_wait_is_answered_by_the_image_alone(world: World) -> None:
    await generated(world, 40)

    assert (await world.row()).status is Status.DELIVERED
    assert direct_messages(world, world.alice.id) == []


async def test_a_private_image_has_no_link(world: World) -> None:
    await generated(world, 90, private=True)

    assert direct_messages(world, world.alice.id) == ["Your image is ready."]


@pytest.mark.rules(long_wait_seconds=None)
async def test_it_comes_where_nobody_is_mentioned_too(world: World) -> None:
    await generated(world, 90)

    assert len(direct_messages(world, world.alice.id)) == 1


async def test_an_image_in_a_direct_message_has_notified_already(world: World) -> None:
    await asked(world, 90)
    await world.env.advance_time(60)
    for path in (BY_TOKEN, BY_BOT):
        world.env.inject_error("PATCH", path, status=403, code=50001, times=None)
    await world.env.advance_time(60)

    assert (await world.row()).status is Status.DELIVERED
    assert len(direct_messages(world, world.alice.id)) == 1


async def test_a_failure_is_no_news(world: World) -> None:
    world.provider.output = b"<html>"
    await generated(world, 90)

    assert (await world.row()).status is Status.FAILED
    assert direct_messages(world, world.alice.id) == []


@pytest.mark.fault(
    "whoever wants a direct message takes none (50007), or Discord is unwell",
    sees="the image",
    charged="one image",
)
@pytest.mark.parametrize(("status", "code"), [(403, 50007), (503, 0)])
@pytest.mark.parametrize("path", ["/users/@me/channels", ANEW])
async def test_a_direct_message_that_discord_refuses_is_let_go(
    world: World, path: str, status: int, code: int
) -> None:
    await asked(world, 90)
    world.env.inject_error("POST", path, status=status, code=code, times=None)
    await world.env.advance_time(120)

    assert (await world.row()).status is Status.DELIVERED
    assert len(world.message.attachments) == 1
    assert direct_messages(world, world.alice.id) == []


@pytest.mark.fault(
    "the bot restarts after it has told somebody that a long one is done",
    sees="the image, and one direct message",
    charged="one image",
)
async def test_a_restart_repeats_nothing(world: World) -> None:
    await generated(world, 90)
    await world.bot.imagine.close(0)
    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(60)

    assert len(direct_messages(world, world.alice.id)) == 1


async def test_of_several_images_one_message_tells(world: World) -> None:
    await generated(world, 90, count=2)

    [told] = direct_messages(world, world.alice.id)
    assert told.startswith("Your images are ready: https://")
