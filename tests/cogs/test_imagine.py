"""`/imagine` as a person meets it."""

from __future__ import annotations

import pytest

from tests.world import World


pytestmark = pytest.mark.usefixtures("env")


async def test_the_reply_goes_from_thinking_to_the_image_in_one_message(world: World) -> None:
    await world.imagine(prompt="a red fox in snow", aspect_ratio="16:9")
    progress = world.content
    await world.env.advance_time(15)

    assert "Starting" in progress
    assert [a.description for a in world.message.attachments] == ["a red fox in snow"]
    assert "AI-generated" in world.content
    assert len(world.channel.history()) == 1
