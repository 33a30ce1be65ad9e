"""Saved images whose message, channel or picture is gone."""

from __future__ import annotations

import pytest

from bot.policy import Keep
from tests.cogs.test_history import made, opened, press, prompts, texts
from tests.cogs.test_saved import _aged, files, here, saved, switched_on
from tests.shelf import aged
from tests.turns import PLENTY
from tests.world import World

pytestmark = [pytest.mark.usefixtures("env"), pytest.mark.rules(capacity=PLENTY, person=1000)]


async def test_an_image_whose_message_a_moderator_deleted_is_not_shown_to_everybody_again(
    world: World,
) -> None:
    await switched_on(world)
    await made(world, "a red fox")
    await world.mona.delete(world.message)

    panel = await opened(world)
    await press(world, panel, "Image 1")
    await press(world, panel, "Save")

    assert prompts(await here(world)) == [], texts(panel)


async def test_what_nobody_can_see_any_more_is_not_kept_for_ever(world: World) -> None:
    """Its channel is deleted: no moderator finds it, and it still counts as one of 200."""
    await saved(world)
    await world.bot.http.delete_channel(world.channel.id)
    await _aged(world, 60)

    await world.bot.retention.pass_over(Keep(images=2, prompts=None))

    assert files(world) == []


async def test_a_thumbnail_that_a_crash_left_with_its_own_time_goes_with_its_picture(
    world: World,
) -> None:
    """kill -9 between writing it and giving it its picture's time."""
    await made(world, "a red fox")
    await opened(world)
    await _aged(world, 10)
    for each in world.shelf.iterdir():
        if each.name.endswith(".small.webp"):
            then = world.clock.now() / 1000
            aged(each, then)

    await world.bot.retention.pass_over(Keep(images=2, prompts=None))

    assert files(world) == []
